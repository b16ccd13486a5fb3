namespace Broadcast.Rtc.Sdp.Negotiation;

/// <summary>What a node wants from publishers.</summary>
public sealed record PublisherPolicy
{
    /// <summary>Everything supported, in the publisher's order, no cap.</summary>
    public static readonly PublisherPolicy Default = new();

    /// <summary>Allowed video codecs, preferred first; empty takes the first supported one of the offer.</summary>
    public IReadOnlyList<CodecKind> VideoCodecs { get; init; } = [];

    /// <summary>Allowed audio codecs, preferred first; empty takes the first supported one of the offer.</summary>
    public IReadOnlyList<CodecKind> AudioCodecs { get; init; } = [];

    /// <summary>Sent as b=AS (read by Chrome) and b=TIAS (read by Firefox); 0 leaves the publisher its own limit.</summary>
    public int MaxVideoKilobitsPerSecond { get; init; }

    /// <summary>Asks for stereo Opus; browsers send mono otherwise.</summary>
    public bool OpusStereo { get; init; } = true;

    /// <summary>
    /// Asks browsers to send each Opus packet with copies of those before it (RFC 2198), for two to three times the bitrate of
    /// sound. RED is accepted wherever it is offered; browsers send it when the answer names it before Opus, which it also does where
    /// the offer did.
    /// </summary>
    public bool PreferRed { get; init; }

    /// <summary>maxaveragebitrate of Opus in bits per second, 6000 to 510000; 0 leaves it to the publisher.</summary>
    public int OpusMaxAverageBitsPerSecond { get; init; } = 128_000;
}
