using System.Collections.Immutable;
using Broadcast.Vod.Catalogue;
using Broadcast.Vod.Recordings;

namespace Broadcast.Vod.Journal;

/// <summary>What the events of a recording come to. Immutable: each event makes the next.</summary>
internal sealed record RecordingHistory(RecordingStarted Started)
{
    /// <summary>In the order of their numbers.</summary>
    public ImmutableList<Segment> Segments { get; private init; } = [];

    public ImmutableList<Gap> Gaps { get; private init; } = [];

    public RecordingEnded? Ended { get; private init; }

    /// <summary>When the end was told; by the clock of this node.</summary>
    public DateTimeOffset? EndedAt { get; private init; }

    public FilesMade? Made { get; private init; }

    public bool IsStored { get; private init; }

    public bool IsPromoted { get; private init; }

    /// <summary>It is made beside another node's, in case that is cut short: neither catalogue nor hooks are told of it.</summary>
    public bool IsHidden => Started.StandsInForNode is not null && !IsPromoted;

    public RecordingId Id => Started.Id;

    /// <summary>Up to the end of the last segment, as far as it is known to be readable.</summary>
    public TimeSpan Duration => Ended?.Duration ?? (Segments.IsEmpty ? TimeSpan.Zero : Segments.Max(segment => segment.Start + segment.Duration));

    public long Bytes => Segments.Sum(segment => segment.Bytes);

    /// <summary>True when something can be joined to a file.</summary>
    public bool HasMedia => Segments.Exists(segment => segment.IsPlayable);

    public RecordingState State => (Ended, HasMedia, Made) switch
    {
        (null, _, _) => RecordingState.Recording,
        (_, _, not null) => RecordingState.Ready,
        (_, true, _) => RecordingState.Finishing,
        _ => RecordingState.Failed,
    };

    /// <summary>What a person is told; null when all went well.</summary>
    public string? Error => Ended?.Error ?? (State is RecordingState.Failed ? "Nothing was recorded: no picture or sound came that could be kept." : null);

    /// <summary>Names of places for who looks for one.</summary>
    public IReadOnlyList<Chapter> Chapters => Chapter.Of(Gaps);

    public RecordingHistory With(RecordingEvent what, DateTimeOffset now) => what switch
    {
        RecordingPromoted => this with { IsPromoted = true },
        SegmentOpened opened => this with { Segments = Replace(Segment.Of(opened)) },
        SegmentGrown grown => Find(grown.Number) is { IsClosed: false } open
            ? this with { Segments = Replace(open with { Duration = grown.Duration, Bytes = grown.Bytes }) } : this,
        SegmentClosed closed => Find(closed.Number) is { } segment
            ? this with { Segments = Replace(segment with { Duration = closed.Duration, Bytes = closed.Bytes, EndReason = closed.Reason }) } : this,
        GapDeclared gap => this with { Gaps = Gaps.Add(new Gap(gap.At, gap.Duration, gap.Missing, gap.Reason)) },
        RecordingEnded ended => this with { Ended = ended, EndedAt = now },
        FilesMade made => this with { Made = made },
        FilesStored => this with { IsStored = true },
        _ => this,
    };

    /// <summary>Reads a journal's events; null when they do not begin with a start.</summary>
    /// <param name="events">In order.</param>
    /// <param name="now">Stands for when it ended, which the journal does not tell.</param>
    public static RecordingHistory? Of(IReadOnlyList<RecordingEvent> events, DateTimeOffset now) =>
        events.OfType<RecordingStarted>().FirstOrDefault() is { } started
            ? events.Aggregate(new RecordingHistory(started), (history, what) => history.With(what, now))
            : null;

    private Segment? Find(int number) => Segments.FindLast(segment => segment.Number == number);

    private ImmutableList<Segment> Replace(Segment segment)
    {
        var index = Segments.FindLastIndex(other => other.Number == segment.Number);
        return index < 0 ? Segments.Add(segment) : Segments.SetItem(index, segment);
    }
}
