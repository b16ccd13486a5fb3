using System.Diagnostics.CodeAnalysis;

namespace Broadcast.Rtc.Sdp;

/// <summary>The line loop of <see cref="SessionDescription.TryParse"/>: session level first, then one builder per m-line.</summary>
internal static class SessionDescriptionReader
{
    public static bool TryRead(string text, [NotNullWhen(true)] out SessionDescription? description, [NotNullWhen(false)] out string? error)
    {
        description = null;
        if (string.IsNullOrWhiteSpace(text)) return Fail("The SDP is empty.", out error);
        if (text.Length > SessionDescription.MaxLength) return Fail($"The SDP is longer than {SessionDescription.MaxLength / 1024} KB.", out error);

        var session = new MediaDescriptionBuilder();
        var current = session;
        var media = new List<MediaDescriptionBuilder>();
        IReadOnlyList<string> bundledMids = [];
        var sawBundle = false;
        var isIceLite = false;

        var lines = new SdpLines(text, SessionDescription.MaxLines);
        var first = true;
        while (lines.MoveNext(out error))
        {
            if (first && (lines.Letter != 'v' || !lines.Value.Trim().SequenceEqual("0"))) return Fail("The SDP must begin with \"v=0\".", out error);
            first = false;

            switch (lines.Letter)
            {
                case 'm':
                    if (media.Count == SessionDescription.MaxMediaDescriptions) return Fail($"The SDP has more than {SessionDescription.MaxMediaDescriptions} m-lines.", out error);
                    current = new MediaDescriptionBuilder();
                    if (!current.TryReadMediaLine(lines.Value)) return Fail($"Line {lines.LineNumber} of the SDP is not a usable m-line: \"m=<kind> <port> <protocol> <formats>\" is expected.", out error);
                    media.Add(current);
                    break;

                case 'b':
                    current.ReadBandwidth(lines.Value);
                    break;

                case 'a':
                    SdpText.SplitAttribute(lines.Value, out var name, out var value);
                    if (current == session && name.SequenceEqual("ice-lite"))
                    {
                        isIceLite = true;
                    }
                    else if (current == session && name.SequenceEqual("group"))
                    {
                        if (!sawBundle && TryReadBundle(value, out var mids)) (sawBundle, bundledMids) = (true, mids);
                    }
                    else
                    {
                        current.ReadAttribute(name, value);
                    }

                    break;
            }
        }

        if (error != null) return false;
        description = new SessionDescription(media.ConvertAll(m => m.Build(session)), bundledMids, isIceLite, session.ExtensionMapAllowMixed);
        return true;
    }

    private static bool TryReadBundle(ReadOnlySpan<char> value, out IReadOnlyList<string> mids)
    {
        mids = [];
        if (!SdpText.NextToken(ref value).SequenceEqual("BUNDLE")) return false;
        mids = SdpText.Tokens(value);
        return true;
    }

    private static bool Fail(string sentence, out string error)
    {
        error = sentence;
        return false;
    }
}
