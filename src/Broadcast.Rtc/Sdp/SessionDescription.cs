using System.Diagnostics.CodeAnalysis;

namespace Broadcast.Rtc.Sdp;

/// <summary>A session description (RFC 8866) as WebRTC peers write it (RFC 8829): session level and m-lines.</summary>
public sealed class SessionDescription
{
    /// <summary>Longest text that is read, in characters.</summary>
    public const int MaxLength = 256 * 1024;

    /// <summary>Most lines.</summary>
    public const int MaxLines = 4096;

    /// <summary>Most m-lines.</summary>
    public const int MaxMediaDescriptions = 64;

    internal SessionDescription(IReadOnlyList<MediaDescription> media, IReadOnlyList<string> bundledMids, bool isIceLite, bool extensionMapAllowMixed)
    {
        Media = media;
        BundledMids = bundledMids;
        IsIceLite = isIceLite;
        ExtensionMapAllowMixed = extensionMapAllowMixed;
    }

    /// <summary>In the order of the text, which an answer must keep (RFC 3264 §6).</summary>
    public IReadOnlyList<MediaDescription> Media { get; }

    /// <summary>Mids of the first a=group:BUNDLE (RFC 9143); empty when absent.</summary>
    public IReadOnlyList<string> BundledMids { get; }

    /// <summary>a=ice-lite.</summary>
    public bool IsIceLite { get; }

    /// <summary>a=extmap-allow-mixed at session level.</summary>
    public bool ExtensionMapAllowMixed { get; }

    /// <summary>
    /// Reads a description. Tolerant: line ends may be CRLF, LF or CR, unknown lines and attributes that make no sense
    /// are skipped. Never throws.
    /// </summary>
    /// <param name="text">At most <see cref="MaxLength"/> characters, <see cref="MaxLines"/> lines and <see cref="MaxMediaDescriptions"/> m-lines.</param>
    /// <param name="description">Null when it cannot be read.</param>
    /// <param name="error">A sentence for a person, naming the line.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out SessionDescription? description, [NotNullWhen(false)] out string? error) =>
        SessionDescriptionReader.TryRead(text, out description, out error);
}
