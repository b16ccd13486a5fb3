namespace Broadcast.Recording.Matroska;

/// <summary>How a segment is written.</summary>
public sealed record SegmentOptions
{
    /// <summary>The longest cluster: what a killed process loses at most of what was not flushed.</summary>
    /// <remarks>Defaults to 1 second; at most 30 seconds, for a block's time lies within 32 seconds of its cluster's.</remarks>
    public TimeSpan ClusterDuration { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The wall clock at the segment's time 0 (DateUTC); null leaves it out.</summary>
    public DateTimeOffset? Date { get; init; }
}
