namespace Broadcast.Rtc.Sdp.Negotiation;

/// <summary>An accepted m-line with what its answer says beyond <see cref="NegotiatedMedia"/>.</summary>
internal sealed class AnsweredMedia
{
    public required NegotiatedMedia Negotiated { get; init; }

    public required MediaDescription Offered { get; init; }

    public required MediaDirection Direction { get; init; }

    public required IReadOnlyList<ExtensionMapping> Extensions { get; init; }

    /// <summary>a=fmtp; empty leaves the line out.</summary>
    public required string FormatParameters { get; init; }

    /// <summary>RED stands before the codec, which tells Chromium to send it.</summary>
    public bool PrefersRed { get; init; }

    /// <summary>b=AS and b=TIAS; 0 leaves them out.</summary>
    public int MaxKilobitsPerSecond { get; init; }

    /// <summary>Sources of a viewer's track; null toward publishers.</summary>
    public AnsweredSource? Source { get; init; }
}

/// <summary>What a viewer is told about the sender of a track (RFC 8830, RFC 5576).</summary>
internal sealed record AnsweredSource(ViewerTrackIdentity Identity, string CanonicalName, string StreamLabel, string TrackLabel);
