using Broadcast.Vod.Recordings;

namespace Broadcast.Recording.Tests.Sessions;

/// <summary>Keeps events, or is full.</summary>
internal sealed class MemoryLedger : IRecordingLedger
{
    public List<RecordingEvent> Events { get; } = [];

    public bool IsFull { get; set; }

    public void Append(RecordingEvent what)
    {
        if (IsFull) throw new IOException("No space left on device");
        if (what is not SegmentGrown) Events.Add(what);
        else Grown.Add((SegmentGrown)what);
    }

    public List<SegmentGrown> Grown { get; } = [];

    public IReadOnlyList<GapDeclared> Gaps => [.. Events.OfType<GapDeclared>()];

    public IReadOnlyList<SegmentClosed> Closed => [.. Events.OfType<SegmentClosed>()];

    public IReadOnlyList<SegmentOpened> Opened => [.. Events.OfType<SegmentOpened>()];

    public RecordingEnded? Ended => Events.OfType<RecordingEnded>().SingleOrDefault();
}
