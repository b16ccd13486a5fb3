using Broadcast.Vod.Catalogue;
using Broadcast.Vod.Journal;
using Broadcast.Vod.Recordings;
using Broadcast.Vod.Tests.Fakes;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broadcast.Vod.Tests.Journal;

public sealed class JournalFileTests : IDisposable
{
    private static readonly RecordingId Id = RecordingId.New(DateTimeOffset.UnixEpoch);

    private static readonly RecordingEvent[] All =
    [
        new RecordingStarted(Id, "live", DateTimeOffset.UnixEpoch, RecordingTrigger.Request, "a", RecordingId.New(DateTimeOffset.UnixEpoch), "b"),
        new SegmentClosed(Id, 1, TimeSpan.FromSeconds(1.5), 12, SegmentEndReason.FormatChanged),
        new GapDeclared(Id, TimeSpan.FromSeconds(2), TimeSpan.FromMilliseconds(120), MissingMedia.Audio | MissingMedia.Video, GapReason.Lost),
        new RecordingEnded(Id, TimeSpan.FromSeconds(9), RecordingEndReason.Failed, "The disk is full."),
        new RecordingPromoted(Id),
    ];

    private readonly string _folder = TestVod.NewFolder();

    private string PathOfJournal => Path.Combine(_folder, JournalFile.Name);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void What_is_appended_is_read_back()
    {
        Append(All);
        Assert.Equal(All, Read());
        var opened = new SegmentOpened(Id, 1, SegmentContainer.Matroska, TimeSpan.FromSeconds(1), TestVod.H264);
        Append(opened);
        var read = Assert.IsType<SegmentOpened>(Read()[^1]);
        Assert.Equal((1, SegmentContainer.Matroska, TimeSpan.FromSeconds(1)), (read.Number, read.Container, read.Start));
        Assert.Equal(TestVod.H264, read.Tracks);
    }

    [Fact]
    public void An_event_is_on_the_disk_when_the_call_returns()
    {
        using var journal = JournalFile.Open(_folder);
        foreach (var what in All)
        {
            journal.Append(what);
            Assert.Equal(what, Read()[^1]);
        }
    }

    [Fact]
    public void A_journal_that_is_torn_anywhere_tells_all_that_is_whole_and_goes_on()
    {
        Append(All);
        var whole = File.ReadAllBytes(PathOfJournal);
        var ends = whole.Select((value, index) => (value, index)).Where(pair => pair.value == '\n').Select(pair => pair.index).ToList();
        for (var length = 0; length <= whole.Length; length++)
        {
            File.WriteAllBytes(PathOfJournal, whole[..length]);
            // A line is whole with its last brace, also without the line feed behind it.
            var count = ends.Count(end => end <= length);
            Assert.Equal(All.Take(count), Read());
            Append(All[0]);
            Assert.Equal([.. All.Take(count), All[0]], Read());
        }
    }

    [Fact]
    public void Lines_of_a_later_version_and_rubbish_are_skipped()
    {
        Append(All[0]);
        File.AppendAllText(PathOfJournal, "{\"kind\":\"sung\",\"event\":{\"id\":1}}\n{\"kind\":\"closed\"}\nrubbish\n[]\n\n{\"kind\":\"gap\",\"event\":{\"id\":\"..\"}}\n");
        Append(All[3]);
        Assert.Equal([All[0], All[3]], Read());
    }

    [Fact]
    public void A_folder_without_a_journal_has_no_events() => Assert.Empty(Read());

    [Fact]
    public void Events_come_to_a_history()
    {
        var history = RecordingHistory.Of(
            [
                All[0], new SegmentOpened(Id, 1, SegmentContainer.WebM, TimeSpan.Zero, TestVod.Vp8), new SegmentGrown(Id, 1, TimeSpan.FromSeconds(1), 10),
                new SegmentGrown(Id, 1, TimeSpan.FromSeconds(2), 20),
            ],
            default)!;
        Assert.Equal((RecordingState.Recording, TimeSpan.FromSeconds(2), 20L), (history.State, history.Duration, history.Bytes));
        history = history.With(All[1], default).With(All[3], DateTimeOffset.UnixEpoch);
        Assert.Equal((RecordingState.Finishing, TimeSpan.FromSeconds(9), 12L), (history.State, history.Duration, history.Bytes));
        Assert.Equal("The disk is full.", history.Error);
        Assert.Null(RecordingHistory.Of([All[3]], default));
    }

    [Fact]
    public void A_recording_without_a_playable_segment_has_failed()
    {
        var history = new RecordingHistory((RecordingStarted)All[0]).With(new RecordingEnded(Id, default, RecordingEndReason.PublisherLeft), default);
        Assert.Equal(RecordingState.Failed, history.State);
        Assert.StartsWith("Nothing was recorded", history.Error, StringComparison.Ordinal);
    }

    private void Append(params RecordingEvent[] events)
    {
        using var journal = JournalFile.Open(_folder);
        foreach (var what in events) journal.Append(what);
    }

    private IReadOnlyList<RecordingEvent> Read() => JournalFile.Read(_folder, NullLogger.Instance);
}
