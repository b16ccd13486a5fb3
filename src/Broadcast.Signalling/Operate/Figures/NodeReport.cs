using MessagePack;

namespace Broadcast.Signalling.Operate.Figures;

/// <summary>What a node says of itself to an operator's page, beside what the cluster knows of it anyway.</summary>
/// <remarks>Nodes of two releases tell each other: members are added at the end only.</remarks>
/// <param name="Streams">What it carries or is watched there.</param>
/// <param name="Refused">Publishers and viewers that it has refused since its start.</param>
/// <param name="KeyframesAsked">Keyframes that it has asked of its publishers and parents since its start.</param>
/// <param name="Events">Those after the one that was asked for, oldest first.</param>
/// <param name="LinkTakeovers">Times that a standby was taken because a parent fell silent.</param>
[MessagePackObject]
public sealed record NodeReport(
    [property: Key(0)] IReadOnlyList<StreamFigures> Streams,
    [property: Key(1)] long Refused,
    [property: Key(2)] long KeyframesAsked,
    [property: Key(3)] IReadOnlyList<NodeEvent> Events,
    [property: Key(4)] long LinkTakeovers);

/// <summary>One stream at one node, with the link by which it comes.</summary>
/// <param name="StreamId">The stream.</param>
/// <param name="IsRoot">A publisher is connected here.</param>
/// <param name="IsActive">Media arrives.</param>
/// <param name="Parent">Who feeds it; null at the root and while nobody does.</param>
/// <param name="Standby">Who stands by.</param>
/// <param name="Next">The parent that it is moving to.</param>
/// <param name="Depth">Hops from the root.</param>
/// <param name="Viewers">Connected here.</param>
/// <param name="Children">Nodes fed from here.</param>
/// <param name="Sessions">In any state, publishers included.</param>
/// <param name="BitsPerSecond">Received, from the publisher or the parent.</param>
/// <param name="FractionLost">Of what was sent here, over the last second, before repairs: 0 to 1.</param>
/// <param name="RoundTrip">Milliseconds to the publisher or the parent; -1 when not measured.</param>
/// <param name="Lost">Packets never received, since the publication began.</param>
/// <param name="Repaired">Packets recovered by retransmission.</param>
/// <param name="KeyframeRequests">Sent to the publisher or the parent.</param>
/// <param name="Keyframes">Received.</param>
/// <param name="Tracks">For people: codecs and sizes.</param>
/// <param name="Layers">For people: the qualities that come here.</param>
/// <param name="Recording">The recording's id, where it is made; null elsewhere.</param>
/// <param name="StartedAt">Milliseconds since 1970; 0 while it is not live.</param>
[MessagePackObject]
public sealed record StreamFigures(
    [property: Key(0)] string StreamId,
    [property: Key(1)] bool IsRoot,
    [property: Key(2)] bool IsActive,
    [property: Key(3)] string? Parent,
    [property: Key(4)] string? Standby,
    [property: Key(5)] string? Next,
    [property: Key(6)] int Depth,
    [property: Key(7)] int Viewers,
    [property: Key(8)] int Children,
    [property: Key(9)] int Sessions,
    [property: Key(10)] long BitsPerSecond,
    [property: Key(11)] double FractionLost,
    [property: Key(12)] double RoundTrip,
    [property: Key(13)] long Lost,
    [property: Key(14)] long Repaired,
    [property: Key(15)] long KeyframeRequests,
    [property: Key(16)] long Keyframes,
    [property: Key(17)] string Tracks,
    [property: Key(18)] string Layers,
    [property: Key(19)] string? Recording,
    [property: Key(20)] long StartedAt);

/// <summary>Something that happened at a node.</summary>
/// <param name="Number">Rises at the node.</param>
/// <param name="At">Milliseconds since 1970, by the node's clock.</param>
/// <param name="Kind">"stream", "takeover", "recording" or "node".</param>
/// <param name="Subject">The stream or the node.</param>
/// <param name="Text">A sentence for a person.</param>
[MessagePackObject]
public sealed record NodeEvent(
    [property: Key(0)] long Number, [property: Key(1)] long At, [property: Key(2)] string Kind, [property: Key(3)] string Subject, [property: Key(4)] string Text);
