using Broadcast.Rtc;

namespace Broadcast.Media.Relay;

/// <summary>A child that follows its stream's way in a trace is fed.</summary>
/// <param name="StreamId">The stream.</param>
/// <param name="ChildNodeId">The child.</param>
/// <param name="Trace">Its place in the trace (W3C traceparent), as it said.</param>
/// <param name="WantedAt">When it wanted media, not only to stand by.</param>
/// <param name="SentAt">When the first media left.</param>
public sealed record RelayServed(string StreamId, string ChildNodeId, string Trace, MonotonicTime WantedAt, MonotonicTime SentAt);
