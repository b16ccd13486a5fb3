using Broadcast.Vod.Recordings;

namespace Broadcast.Recording;

/// <summary>A recording of another node, beside which one is made.</summary>
/// <param name="Recording">Of the other node.</param>
/// <param name="Node">Who makes it.</param>
public sealed record StandsInFor(RecordingId Recording, string Node);
