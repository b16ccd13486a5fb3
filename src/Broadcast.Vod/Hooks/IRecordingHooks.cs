using Broadcast.Vod.Api;

namespace Broadcast.Vod.Hooks;

/// <summary>Told of recordings; all that are registered are. Called on threads of recorders: returns at once and throws nothing.</summary>
public interface IRecordingHooks
{
    /// <summary>Something happened.</summary>
    void Raise(RecordingNews news);
}

/// <summary>What is told of a recording.</summary>
/// <param name="Event">One of <see cref="RecordingNewsNames"/>.</param>
/// <param name="At">When.</param>
/// <param name="Recording">As it is now.</param>
/// <param name="Segment">With <see cref="RecordingNewsNames.Segment"/> only.</param>
public sealed record RecordingNews(string Event, DateTimeOffset At, RecordingView Recording, SegmentNews? Segment = null);

/// <summary>A segment that is complete.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Start">Seconds of the recording.</param>
/// <param name="Duration">In seconds.</param>
/// <param name="Bytes">Of its file.</param>
public sealed record SegmentNews(int Number, double Start, double Duration, long Bytes);

/// <summary>Names of what is told.</summary>
public static class RecordingNewsNames
{
    /// <summary>It began.</summary>
    public const string Started = "recording.started";

    /// <summary>A segment is complete.</summary>
    public const string Segment = "recording.segment";

    /// <summary>Its finished files can be played.</summary>
    public const string Ready = "recording.ready";

    /// <summary>It came to nothing.</summary>
    public const string Failed = "recording.failed";
}
