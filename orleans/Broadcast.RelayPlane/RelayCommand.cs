namespace Broadcast.RelayPlane;

/// <summary>What the control plane tells a child's media plane about one stream.</summary>
/// <param name="StreamId">The stream.</param>
/// <param name="Stamp">When it was decided; an older one than the newest seen of this stream is ignored.</param>
public abstract record RelayCommand(string StreamId, StreamStamp Stamp);

/// <summary>Carry the stream: take it from <paramref name="ParentNodeId"/>, and keep a link without media to the standby.</summary>
/// <remarks>
/// Where a publisher of a lower epoch is connected it has been replaced, and its session ends. Repeated, or sent for a stream that is carried from another parent, it means what <see cref="SwitchParent"/> and
/// <see cref="SetStandby"/> mean.
/// </remarks>
public sealed record Attach(string StreamId, StreamStamp Stamp, string ParentNodeId, string? StandbyNodeId) : RelayCommand(StreamId, Stamp);

/// <summary>The publisher that is connected here has the stream in this epoch; whatever fed the stream before is let go.</summary>
public sealed record BecomeRoot(string StreamId, StreamStamp Stamp) : RelayCommand(StreamId, Stamp);

/// <summary>Move to another parent, make before break: the old one is let go once media of the new one has reached the old's.</summary>
public sealed record SwitchParent(string StreamId, StreamStamp Stamp, string ParentNodeId, string? StandbyNodeId) : RelayCommand(StreamId, Stamp);

/// <summary>Keep the parent, change the standby; null for none.</summary>
public sealed record SetStandby(string StreamId, StreamStamp Stamp, string? StandbyNodeId) : RelayCommand(StreamId, Stamp);

/// <summary>Stop carrying the stream; viewers that are still there wait for another parent or publisher.</summary>
public sealed record Detach(string StreamId, StreamStamp Stamp) : RelayCommand(StreamId, Stamp);
