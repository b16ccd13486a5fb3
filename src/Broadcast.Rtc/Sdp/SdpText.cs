using System.Buffers;
using System.Globalization;

namespace Broadcast.Rtc.Sdp;

/// <summary>The few lexical rules the lines of SDP share.</summary>
internal static class SdpText
{
    private static readonly SearchValues<char> TokenCharacters =
        SearchValues.Create("!#$%&'*+-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ^_`abcdefghijklmnopqrstuvwxyz{|}~");

    /// <summary>Splits "name:value"; a property attribute has an empty value.</summary>
    public static void SplitAttribute(ReadOnlySpan<char> attribute, out ReadOnlySpan<char> name, out ReadOnlySpan<char> value)
    {
        var colon = attribute.IndexOf(':');
        name = colon < 0 ? attribute : attribute[..colon];
        value = colon < 0 ? default : attribute[(colon + 1)..].Trim(' ');
    }

    /// <summary>Takes the text up to the next spaces off the front; empty at the end.</summary>
    public static ReadOnlySpan<char> NextToken(ref ReadOnlySpan<char> text)
    {
        text = text.TrimStart(' ');
        var end = text.IndexOf(' ');
        var token = end < 0 ? text : text[..end];
        text = end < 0 ? default : text[(end + 1)..].TrimStart(' ');
        return token;
    }

    /// <summary>All remaining tokens.</summary>
    public static List<string> Tokens(ReadOnlySpan<char> text)
    {
        var tokens = new List<string>();
        while (true)
        {
            var token = NextToken(ref text);
            if (token.IsEmpty) return tokens;
            tokens.Add(token.ToString());
        }
    }

    /// <summary>True for the characters of "token" (RFC 8866 §9), and for the empty text.</summary>
    public static bool IsToken(ReadOnlySpan<char> text) => !text.ContainsAnyExcept(TokenCharacters);

    public static bool TryParse(ReadOnlySpan<char> text, out byte value) => byte.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);

    public static bool TryParse(ReadOnlySpan<char> text, out ushort value) => ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);

    public static bool TryParse(ReadOnlySpan<char> text, out int value) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);

    public static bool TryParse(ReadOnlySpan<char> text, out uint value) => uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);

    public static bool TryParse(ReadOnlySpan<char> text, out long value) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);

    /// <summary>A payload type that RTP can carry: 0 to 127.</summary>
    public static bool TryParsePayloadType(ReadOnlySpan<char> text, out byte payloadType) => TryParse(text, out payloadType) && payloadType <= 127;
}
