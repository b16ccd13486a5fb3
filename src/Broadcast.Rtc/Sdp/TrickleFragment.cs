using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Broadcast.Rtc.Sdp;

/// <summary>What a fragment says about one m-line.</summary>
/// <param name="MediaLine">The value of the pseudo m-line as written, e.g. "audio 9 UDP/TLS/RTP/SAVPF 0".</param>
/// <param name="Mid">a=mid; empty when absent.</param>
/// <param name="Candidates">Those that could be read.</param>
/// <param name="EndOfCandidates">No more will follow.</param>
public sealed record TrickleMedia(string MediaLine, string Mid, IReadOnlyList<IceCandidate> Candidates, bool EndOfCandidates);

/// <summary>The body of a WHIP or WHEP PATCH, application/trickle-ice-sdpfrag (RFC 8840 §9, RFC 9725 §4.3).</summary>
public sealed class TrickleFragment
{
    /// <summary>The m-line of a fragment that knows no other (RFC 8840 §9 asks for one).</summary>
    public const string DefaultMediaLine = "audio 9 UDP/TLS/RTP/SAVPF 0";

    /// <summary>The mid of such a fragment.</summary>
    public const string DefaultMid = "0";

    /// <summary>Longest text that is read, in characters.</summary>
    public const int MaxLength = 64 * 1024;

    private const int MaxLines = 1024;
    private const int MaxMediaLineLength = 512;
    private const int MaxMidLength = 64;
    private const string Contradiction = "The sections are bundled: they must name the same a=ice-ufrag and a=ice-pwd.";

    private TrickleFragment(string usernameFragment, string password, IReadOnlyList<TrickleMedia> media, IReadOnlyList<string> bundledMids)
    {
        UsernameFragment = usernameFragment;
        Password = password;
        Media = media;
        BundledMids = bundledMids;
    }

    /// <summary>The sender's fragment; empty when absent. One the session does not know asks for an ICE restart.</summary>
    public string UsernameFragment { get; }

    /// <summary>The sender's password; empty when absent.</summary>
    public string Password { get; }

    /// <summary>m-lines in order.</summary>
    public IReadOnlyList<TrickleMedia> Media { get; }

    /// <summary>Mids of a=group:BUNDLE; empty when absent.</summary>
    public IReadOnlyList<string> BundledMids { get; }

    /// <summary>Every candidate of every m-line.</summary>
    public IEnumerable<IceCandidate> Candidates => Media.SelectMany(m => m.Candidates);

    /// <summary>True when some m-line says that no more will follow.</summary>
    public bool EndOfCandidates => Media.Any(m => m.EndOfCandidates);

    /// <summary>Reads a fragment; never throws. Unknown attributes are skipped, broken ones that concern ICE are refused.</summary>
    /// <remarks>
    /// Stricter than <see cref="SessionDescription.TryParse"/>: an offer has more to go by than one line, but a fragment is
    /// its few lines, and its m-line and mid go back in an answer. A fragment without candidates and without credentials is refused.
    /// </remarks>
    /// <param name="text">At most <see cref="MaxLength"/> characters.</param>
    /// <param name="fragment">Null when it cannot be read.</param>
    /// <param name="error">A sentence for a person.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out TrickleFragment? fragment, [NotNullWhen(false)] out string? error)
    {
        fragment = null;
        error = null;
        if (string.IsNullOrWhiteSpace(text)) error = "The trickle ICE fragment is empty.";
        else if (text.Length > MaxLength) error = $"The trickle ICE fragment is longer than {MaxLength / 1024} KB.";
        if (error != null) return false;

        var usernameFragment = "";
        var password = "";
        IReadOnlyList<string> bundledMids = [];
        var current = new Section("");
        var sections = new List<Section> { current };
        var lines = new SdpLines(text, MaxLines);
        while (lines.MoveNext(out error))
        {
            if (lines.Letter == 'm')
            {
                if (sections.Count > SessionDescription.MaxMediaDescriptions)
                {
                    error = $"The trickle ICE fragment has more than {SessionDescription.MaxMediaDescriptions} m-lines.";
                    return false;
                }

                if (!IsMediaLine(lines.Value)) return Refuse("An m-line of the trickle ICE fragment is not of audio, video or application, or too long.", out error);
                sections.Add(current = new Section(lines.Value.ToString()));
                continue;
            }

            if (lines.Letter != 'a') continue;
            SdpText.SplitAttribute(lines.Value, out var name, out var value);
            switch (name)
            {
                case "ice-ufrag":
                    if (!IceCredentials.IsUsernameFragment(value)) return Refuse(IceCredentials.Rule, out error);
                    if (usernameFragment.Length > 0 && !value.SequenceEqual(usernameFragment)) return Refuse(Contradiction, out error);
                    usernameFragment = value.ToString();
                    break;
                case "ice-pwd":
                    if (!IceCredentials.IsPassword(value)) return Refuse(IceCredentials.Rule, out error);
                    if (password.Length > 0 && !value.SequenceEqual(password)) return Refuse(Contradiction, out error);
                    password = value.ToString();
                    break;
                case "mid":
                    if (value.Length is 0 or > MaxMidLength) return Refuse($"a=mid needs 1 to {MaxMidLength} characters.", out error);
                    current.Mid = value.ToString();
                    break;
                case "end-of-candidates": current.EndOfCandidates = true; break;
                case "group" when SdpText.NextToken(ref value).SequenceEqual("BUNDLE"): bundledMids = SdpText.Tokens(value); break;
                case "candidate":
                    if (!IceCandidate.TryParse(value, out var candidate)) return Refuse("An a=candidate line cannot be read (RFC 8839 §5.1).", out error);
                    current.Candidates.Add(candidate);
                    break;
            }
        }

        if (error != null) return false;
        if (usernameFragment.Length == 0 && !sections.Exists(section => section.EndOfCandidates || section.Candidates.Count > 0))
            return Refuse("The trickle ICE fragment has neither candidates nor credentials (RFC 8840).", out error);

        // Candidates in front of the first m-line belong to none; keep them only if there are any.
        if (sections[0].IsEmpty) sections.RemoveAt(0);
        fragment = new TrickleFragment(usernameFragment, password, sections.ConvertAll(s => s.Build()), bundledMids);
        return true;
    }

    /// <summary>The body that answers an ICE restart (RFC 9725 §4.3.3): new credentials and all candidates of a lite server.</summary>
    /// <param name="request">The fragment that asked; its first m-line and its bundle are mirrored.</param>
    /// <param name="local">New local credentials.</param>
    /// <param name="candidates">Texts as <see cref="IceCandidate.ToString"/> writes them.</param>
    /// <param name="mediaLine">Used when the request has no m-line: what the session's offer began with.</param>
    /// <param name="mid">Likewise for a=mid.</param>
    public static string WriteRestart(
        TrickleFragment request, IceCredentials local, IReadOnlyList<string> candidates, string mediaLine = DefaultMediaLine, string mid = DefaultMid)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(local);
        ArgumentNullException.ThrowIfNull(candidates);
        var text = new StringBuilder(512);
        text.Append("a=ice-lite\r\na=ice-options:ice2 trickle\r\n");
        if (request.BundledMids.Count > 0) text.Append("a=group:BUNDLE ").AppendJoin(' ', request.BundledMids).Append("\r\n");

        var media = request.Media.FirstOrDefault(m => m.MediaLine.Length > 0);
        text.Append("m=").Append(media?.MediaLine ?? mediaLine).Append("\r\n");
        text.Append("a=mid:").Append(media?.Mid is { Length: > 0 } named ? named : mid).Append("\r\n");
        text.Append("a=ice-ufrag:").Append(local.UsernameFragment).Append("\r\na=ice-pwd:").Append(local.Password).Append("\r\n");
        foreach (var candidate in candidates) text.Append("a=").Append(candidate).Append("\r\n");
        return text.Append("a=end-of-candidates\r\n").ToString();
    }

    private static bool IsMediaLine(ReadOnlySpan<char> value) =>
        value.Length <= MaxMediaLineLength && (value.StartsWith("audio ") || value.StartsWith("video ") || value.StartsWith("application "));

    private static bool Refuse(string reason, out string error)
    {
        error = reason;
        return false;
    }

    private sealed class Section(string mediaLine)
    {
        public string Mid { get; set; } = "";

        public List<IceCandidate> Candidates { get; } = [];

        public bool EndOfCandidates { get; set; }

        public bool IsEmpty => Candidates.Count == 0 && !EndOfCandidates && Mid.Length == 0;

        public TrickleMedia Build() => new(mediaLine, Mid, Candidates, EndOfCandidates);
    }
}
