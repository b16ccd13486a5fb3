using Broadcast.Grains.Abstractions.Nodes;

namespace Broadcast.Grains.Abstractions.Recordings;

/// <summary>Somebody at a node wants a stream to be recorded.</summary>
/// <param name="Node">Where the wish came from, as it is now.</param>
/// <param name="ByPolicy">The stream's rule wants it, not a person.</param>
[GenerateSerializer, Immutable, Alias("broadcast.record-request")]
public readonly record struct RecordRequest([property: Id(0)] NodeStatus Node, [property: Id(1)] bool ByPolicy);

/// <summary>What became of the wish.</summary>
/// <param name="RecordingId">The recording that runs; null when there is none.</param>
/// <param name="NodeId">Who makes it.</param>
/// <param name="IsNew">It was begun for this wish.</param>
/// <param name="Reason">Why there is none, in a sentence for a person.</param>
/// <param name="NotLive">Because nobody publishes the stream.</param>
[GenerateSerializer, Immutable, Alias("broadcast.record-reply")]
public sealed record RecordReply(
    [property: Id(0)] string? RecordingId,
    [property: Id(1)] string? NodeId,
    [property: Id(2)] bool IsNew,
    [property: Id(3)] string Reason,
    [property: Id(4)] bool NotLive);

/// <summary>What a node records of a stream.</summary>
/// <param name="RecordingId">Of the recording.</param>
/// <param name="StartedAt">By the node's clock.</param>
/// <param name="ByPolicy">The stream's rule wanted it, not a person.</param>
/// <param name="WantsStandby">Another node shall record beside it.</param>
/// <param name="StandsInFor">The recording that it shall replace if that is cut short; null for the recorder itself.</param>
/// <param name="StandsInForNode">Where that is made.</param>
[GenerateSerializer, Immutable, Alias("broadcast.stream-recording")]
public sealed record StreamRecording(
    [property: Id(0)] string RecordingId,
    [property: Id(1)] DateTimeOffset StartedAt,
    [property: Id(2)] bool ByPolicy,
    [property: Id(3)] bool WantsStandby,
    [property: Id(4)] string? StandsInFor,
    [property: Id(5)] string? StandsInForNode);

/// <summary>Who records a stream.</summary>
/// <param name="Recording">What runs; null for nothing.</param>
/// <param name="NodeId">Who makes it.</param>
/// <param name="StandbyNodeId">Who records beside it.</param>
[GenerateSerializer, Immutable, Alias("broadcast.recording-view")]
public sealed record RecordingView(
    [property: Id(0)] StreamRecording? Recording, [property: Id(1)] string? NodeId, [property: Id(2)] string? StandbyNodeId);

/// <summary>A node shall record beside another one.</summary>
/// <param name="StreamId">The stream.</param>
/// <param name="RecordingId">For which recording: it tells an old order from a new one.</param>
/// <param name="NodeId">Who makes that.</param>
/// <param name="ByPolicy">The stream's rule wanted it, not a person.</param>
[GenerateSerializer, Immutable, Alias("broadcast.standby-order")]
public sealed record StandbyOrder(
    [property: Id(0)] string StreamId, [property: Id(1)] string RecordingId, [property: Id(2)] string NodeId, [property: Id(3)] bool ByPolicy);

/// <summary>What became of a recording.</summary>
[Alias("broadcast.recording-fate")]
public enum Fate
{
    /// <summary>The node has not heard of it.</summary>
    Unknown = 0,

    /// <summary>It goes on.</summary>
    Running = 1,

    /// <summary>It came to its proper end.</summary>
    Over = 2,

    /// <summary>Its node died, was stopped, or failed.</summary>
    CutShort = 3,

    /// <summary>It ended because the publisher had left, as far as the node could see.</summary>
    Left = 4,
}

/// <summary>The answer to a question about a recording.</summary>
/// <param name="Fate">What became of it.</param>
[GenerateSerializer, Immutable, Alias("broadcast.fate-reply")]
public sealed record FateReply([property: Id(0)] Fate Fate);
