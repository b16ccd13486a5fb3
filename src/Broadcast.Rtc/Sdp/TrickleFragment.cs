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
    /// <summary>Longest text that is read, in characters.</summary>
    public const int MaxLength = 64 * 1024;

    private const int MaxLines = 1024;

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

    /// <summary>Reads a fragment. Tolerant as <see cref="SessionDescription.TryParse"/> is; never throws.</summary>
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

                sections.Add(current = new Section(lines.Value.ToString()));
                continue;
            }

            if (lines.Letter != 'a') continue;
            SdpText.SplitAttribute(lines.Value, out var name, out var value);
            switch (name)
            {
                case "ice-ufrag" when usernameFragment.Length == 0: usernameFragment = value.ToString(); break;
                case "ice-pwd" when password.Length == 0: password = value.ToString(); break;
                case "mid": current.Mid = value.ToString(); break;
                case "end-of-candidates": current.EndOfCandidates = true; break;
                case "group" when SdpText.NextToken(ref value).SequenceEqual("BUNDLE"): bundledMids = SdpText.Tokens(value); break;
                case "candidate":
                    if (IceCandidate.TryParse(value, out var candidate)) current.Candidates.Add(candidate);
                    break;
            }
        }

        if (error != null) return false;
        if (usernameFragment.Length > 0 && password.Length > 0 && !IceCredentials.AreUsable(usernameFragment, password))
        {
            error = "a=ice-ufrag needs 4 to 256 visible characters and a=ice-pwd 22 to 256.";
            return false;
        }

        // Candidates in front of the first m-line belong to none; keep them only if there are any.
        if (sections[0].IsEmpty) sections.RemoveAt(0);
        fragment = new TrickleFragment(usernameFragment, password, sections.ConvertAll(s => s.Build()), bundledMids);
        return true;
    }

    /// <summary>The body that answers an ICE restart (RFC 9725 §4.3.3): new credentials and all candidates of a lite server.</summary>
    /// <param name="request">The fragment that asked; its m-lines and bundle are mirrored.</param>
    /// <param name="local">New local credentials.</param>
    /// <param name="candidates">Texts as <see cref="IceCandidate.ToString"/> writes them.</param>
    public static string WriteRestart(TrickleFragment request, IceCredentials local, IReadOnlyList<string> candidates)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(local);
        ArgumentNullException.ThrowIfNull(candidates);
        var text = new StringBuilder(512);
        text.Append("a=ice-lite\r\na=ice-options:ice2 trickle\r\n");
        if (request.BundledMids.Count > 0) text.Append("a=group:BUNDLE ").AppendJoin(' ', request.BundledMids).Append("\r\n");

        var media = request.Media.FirstOrDefault(m => m.MediaLine.Length > 0);
        text.Append("m=").Append(media?.MediaLine ?? "audio 9 UDP/TLS/RTP/SAVPF 0").Append("\r\n");
        text.Append("a=mid:").Append(media?.Mid is { Length: > 0 } mid ? mid : "0").Append("\r\n");
        text.Append("a=ice-ufrag:").Append(local.UsernameFragment).Append("\r\na=ice-pwd:").Append(local.Password).Append("\r\n");
        foreach (var candidate in candidates) text.Append("a=").Append(candidate).Append("\r\n");
        return text.Append("a=end-of-candidates\r\n").ToString();
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
