using Broadcast.Rtc;

namespace Broadcast.Media.Sessions;

/// <summary>Whether a session publishes or watches.</summary>
public enum SessionKind
{
    /// <summary>WHIP.</summary>
    Publisher,

    /// <summary>WHEP.</summary>
    Viewer,
}

/// <summary>Where a session is in its life.</summary>
/// <remarks>New → Connecting (first valid check) → Connected (DTLS done) ⇄ Interrupted (no consent for 15 s) → Ended.</remarks>
public enum SessionState
{
    /// <summary>Created by HTTP, no valid connectivity check yet.</summary>
    New,

    /// <summary>ICE validated, DTLS under way.</summary>
    Connecting,

    /// <summary>Media may flow.</summary>
    Connected,

    /// <summary>Consent is stale: nothing is sent until a check arrives.</summary>
    Interrupted,

    /// <summary>Over.</summary>
    Ended,
}

/// <summary>One track of a live publication.</summary>
/// <param name="Kind">Audio or video.</param>
/// <param name="Codec">As negotiated with the publisher.</param>
/// <param name="Width">Pixels of the last keyframe; 0 when unknown.</param>
/// <param name="Height">Pixels of the last keyframe; 0 when unknown.</param>
/// <param name="FramesPerSecond">Over the last second; 0 for audio.</param>
/// <param name="BitsPerSecond">Payload bits over the last second.</param>
/// <param name="PacketsReceived">Distinct media packets, repaired ones included.</param>
/// <param name="PacketsLost">Never received and given up, or still missing.</param>
/// <param name="PacketsRepaired">Recovered by retransmission.</param>
/// <param name="KeyframeRequests">Sent to the publisher.</param>
/// <param name="Keyframes">Received from the publisher.</param>
public sealed record TrackSnapshot(
    MediaKind Kind,
    CodecKind Codec,
    int Width,
    int Height,
    double FramesPerSecond,
    long BitsPerSecond,
    long PacketsReceived,
    long PacketsLost,
    long PacketsRepaired,
    long KeyframeRequests,
    long Keyframes)
{
    /// <summary>The qualities it is published in, ascending; empty for audio. Sizes and rates above are those of the best active one.</summary>
    public IReadOnlyList<LayerSnapshot> Layers { get; init; } = [];
}

/// <summary>A stream as operators and pages see it.</summary>
/// <param name="StreamId">The name in its URL.</param>
/// <param name="Active">A publisher is connected and media arrived.</param>
/// <param name="StartedAt">When this publication (epoch) became active.</param>
/// <param name="Epoch">Counts publisher sessions of this stream; viewers survive a change.</param>
/// <param name="Viewers">Connected viewers.</param>
/// <param name="Tracks">Tracks of the present publication.</param>
public sealed record StreamSnapshot(
    string StreamId,
    bool Active,
    DateTimeOffset? StartedAt,
    int Epoch,
    int Viewers,
    IReadOnlyList<TrackSnapshot> Tracks);

/// <summary>A session as its owner and operators see it.</summary>
/// <param name="SessionId">The id in its URL.</param>
/// <param name="StreamId">The stream it belongs to.</param>
/// <param name="Kind">Publisher or viewer.</param>
/// <param name="State">Where it is in its life.</param>
/// <param name="CreatedAt">When the POST came.</param>
/// <param name="ConnectedFor">Since DTLS completed.</param>
/// <param name="RoundTrip">Latest RTCP round trip; null when not measured.</param>
/// <param name="FractionLost">0 to 1, as last reported or measured on the leg to this peer.</param>
/// <param name="BitsPerSecond">Over the last second, toward the viewer or from the publisher.</param>
/// <param name="Packets">Sent to the viewer, or received from the publisher.</param>
/// <param name="Bytes">Of those packets, headers included.</param>
/// <param name="Retransmitted">Packets sent again on NACK (viewer) or recovered (publisher).</param>
/// <param name="Candidate">"udp" or "tcp"; empty before ICE.</param>
/// <param name="EndReason">Why it ended; null while it lives.</param>
public sealed record SessionSnapshot(
    string SessionId,
    string StreamId,
    SessionKind Kind,
    SessionState State,
    DateTimeOffset CreatedAt,
    TimeSpan ConnectedFor,
    TimeSpan? RoundTrip,
    double FractionLost,
    long BitsPerSecond,
    long Packets,
    long Bytes,
    long Retransmitted,
    string Candidate,
    string? EndReason)
{
    /// <summary>The quality a viewer gets; null for publishers, without video, and before the first picture.</summary>
    public LayerInUse? Layer { get; init; }

    /// <summary>The estimate of the viewer's network, bits per second; 0 when there is none.</summary>
    public long EstimatedBitsPerSecond { get; init; }

    /// <summary>The publication that it is, or that it watches now; 0 when unknown.</summary>
    public long Epoch { get; init; }

    /// <summary>As negotiated, audio first.</summary>
    public IReadOnlyList<CodecKind> Codecs { get; init; } = [];

    /// <summary>Packets of a publisher that never came; 0 for viewers.</summary>
    public long Lost { get; init; }

    /// <summary>Packets that a viewer asked for again; 0 for publishers.</summary>
    public long Nacks { get; init; }

    /// <summary>Keyframes that were asked for: by the viewer, or of the publisher.</summary>
    public long KeyframeRequests { get; init; }

    /// <summary>How often a viewer went over to another encoding or layer.</summary>
    public long Switches { get; init; }
}

/// <summary>What changed on a stream; the names follow the WHEP server-sent events extension.</summary>
public enum StreamEventKind
{
    /// <summary>Media of a publication arrives.</summary>
    Active,

    /// <summary>The publication ended or fell silent.</summary>
    Inactive,

    /// <summary>Tracks, codecs, sizes or layers changed.</summary>
    Layers,

    /// <summary>The number of connected viewers changed.</summary>
    ViewerCount,

    /// <summary>Viewers should open a new session now (codec changed, node drains).</summary>
    Reconnect,
}

/// <summary>One change of one stream.</summary>
/// <param name="Kind">What changed.</param>
/// <param name="Stream">The stream after the change.</param>
public sealed record StreamEvent(StreamEventKind Kind, StreamSnapshot Stream)
{
    /// <summary>Over which time viewers are told, where all of them acting in one instant would be too many; zero: at once.</summary>
    public TimeSpan Spread { get; init; }
}
