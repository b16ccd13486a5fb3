using System.Globalization;

namespace Broadcast.Rtc.Sdp;

/// <summary>Looks up "key=value" pairs in the value of a=fmtp, separated by semicolons.</summary>
/// <remarks>Keys are compared without regard to case; of repeated keys the first counts.</remarks>
public static class FormatParameters
{
    /// <summary>Finds a value; a key without "=" has an empty one.</summary>
    public static bool TryGet(ReadOnlySpan<char> parameters, ReadOnlySpan<char> key, out ReadOnlySpan<char> value)
    {
        while (!parameters.IsEmpty)
        {
            var end = parameters.IndexOf(';');
            var pair = (end < 0 ? parameters : parameters[..end]).Trim();
            parameters = end < 0 ? default : parameters[(end + 1)..];

            var equals = pair.IndexOf('=');
            var name = equals < 0 ? pair : pair[..equals].TrimEnd();
            if (!name.Equals(key, StringComparison.OrdinalIgnoreCase)) continue;
            value = equals < 0 ? default : pair[(equals + 1)..].TrimStart();
            return true;
        }

        value = default;
        return false;
    }

    /// <summary>A decimal value, or <paramref name="absent"/> when it is missing or not a number.</summary>
    public static int GetInt32(ReadOnlySpan<char> parameters, ReadOnlySpan<char> key, int absent) =>
        TryGet(parameters, key, out var value) && int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : absent;
}
