namespace Broadcast.Recording.Policy;

/// <summary>By what one recording goes.</summary>
/// <param name="SegmentLength">After which the next keyframe begins another file.</param>
/// <param name="MaximumLength">After which it ends; null for no limit.</param>
/// <param name="ReconnectPatience">How long the publisher may be away.</param>
internal sealed record RecordingRules(TimeSpan SegmentLength, TimeSpan? MaximumLength, TimeSpan ReconnectPatience);
