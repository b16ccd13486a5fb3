using Broadcast.Media.Layers;
using Broadcast.Media.Routing;
using Broadcast.Rtc;

namespace Broadcast.Media.Relay;

/// <summary>What two nodes tell each other beside media. Frames hold states, not steps: a lost, repeated or late one is harmless.</summary>
public abstract record RelayFrame
{
    private RelayFrame()
    {
    }

    /// <summary>Child to parent: what it wants of a stream.</summary>
    /// <param name="StreamId">The stream's name.</param>
    /// <param name="Version">Grows with every change; older ones are ignored.</param>
    /// <param name="SeenState">The version of the parent's state that the child has.</param>
    /// <param name="Epoch">Of the publication that <paramref name="Wants"/> speaks of; with another, all tracks are wanted.</param>
    /// <param name="IsStandby">True to be told of everything and to be sent no media.</param>
    /// <param name="Wants">Tracks of that publication.</param>
    public sealed record Subscribe(string StreamId, int Version, int SeenState, PublicationEpoch Epoch, bool IsStandby, IReadOnlyList<RelayWant> Wants) : RelayFrame
    {
        /// <summary>For whoever follows what happened over several nodes: the child's place in a trace (W3C traceparent); null when nobody does.</summary>
        public string? Trace { get; init; }
    }

    /// <summary>Child to parent: the stream is not wanted any more.</summary>
    /// <param name="StreamId">The stream's name.</param>
    /// <param name="Version">As in <see cref="Subscribe"/>.</param>
    public sealed record Unsubscribe(string StreamId, int Version) : RelayFrame;

    /// <summary>Parent to child: what it has of a stream and how it is sent.</summary>
    /// <param name="StreamId">The stream's name.</param>
    /// <param name="Acknowledged">The version of the subscription that this answers.</param>
    /// <param name="Version">Grows with every change.</param>
    /// <param name="Status">Whether there is anything.</param>
    /// <param name="Epoch">Of the publication; none when there is none.</param>
    /// <param name="Hops">The nodes from the origin to the parent, both included.</param>
    /// <param name="Tracks">Of that publication.</param>
    public sealed record State(
        string StreamId, int Acknowledged, int Version, RelayStatus Status, PublicationEpoch Epoch, IReadOnlyList<string> Hops, IReadOnlyList<RelayTrack> Tracks) : RelayFrame;

    /// <summary>Parent to child: the qualities as the origin measured them, for a child that receives only some cannot.</summary>
    /// <param name="StreamId">The stream's name.</param>
    /// <param name="Epoch">Of the publication.</param>
    /// <param name="Qualities">Ascending.</param>
    public sealed record Ladder(string StreamId, PublicationEpoch Epoch, IReadOnlyList<RelayQuality> Qualities) : RelayFrame;

    /// <summary>Either side: a sign of life that measures the round trip.</summary>
    /// <param name="SentAt">The sender's clock in nanoseconds; comes back as it was.</param>
    /// <param name="IsReply">True for the answer.</param>
    public sealed record Ping(long SentAt, bool IsReply) : RelayFrame;
}

/// <summary>Whether a parent has a stream.</summary>
public enum RelayStatus : byte
{
    /// <summary>Nothing yet.</summary>
    NotLive,

    /// <summary>It is live.</summary>
    Live,

    /// <summary>The publisher has left; another epoch may follow.</summary>
    Ended,

    /// <summary>The child is above the parent: media would run in a circle.</summary>
    Loop,
}

/// <summary>A track that a child wants.</summary>
/// <param name="Track">Its place in the publication.</param>
/// <param name="From">The first sequence number that is missing, extended as at the origin; −1 to begin where a newcomer would.</param>
public readonly record struct RelayWant(int Track, long From);

/// <summary>A track as a parent has it.</summary>
/// <param name="Codec">What is published.</param>
/// <param name="FormatParameters">The a=fmtp of the publication.</param>
/// <param name="ClockRateHz">Timestamp units per second.</param>
/// <param name="Rid">The simulcast encoding; empty without simulcast.</param>
/// <param name="OriginSsrc">The publisher's SSRC.</param>
/// <param name="Alignment">See <see cref="Routing.SourceTrack.Alignment"/>.</param>
/// <param name="Ssrc">Under which it is sent on this link from now on; the repairs' is one more. 0 while it is not sent.</param>
/// <param name="Start">The first sequence number sent under that SSRC, extended as at the origin.</param>
/// <param name="StartTimestamp">Of the packet at the start.</param>
/// <param name="StartAge">Milliseconds since the parent had that packet: how old what comes first is.</param>
/// <param name="Head">The newest sequence number that the parent has; −1 when it has none.</param>
public sealed record RelayTrack(
    CodecKind Codec, string FormatParameters, int ClockRateHz, string Rid, uint OriginSsrc, uint Alignment, uint Ssrc, long Start, uint StartTimestamp, int StartAge, long Head);

/// <summary>A quality as the origin measured it; see <see cref="Quality"/>.</summary>
public readonly record struct RelayQuality(
    int Track, int SpatialId, int TemporalLayers, int Width, int Height, double FramesPerSecond, bool IsActive, TemporalRates Rates);
