using Broadcast.Media.Sessions;
using Broadcast.Recording.Matroska;
using Broadcast.Recording.Policy;
using Broadcast.Recording.Sessions;
using Broadcast.Testing;
using Broadcast.Vod.Journal;
using Broadcast.Vod.Recordings;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broadcast.Recording.Tests.Disk;

/// <summary>Segments and journal on a real file system that is full now and then; publisher and time are virtual.</summary>
public sealed class FullDiskTests : IDisposable
{
    private const int DiskBytes = 8 << 20;

    private static readonly DateTimeOffset Begun = new(2030, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private readonly SmallDisk _disk;
    private readonly Scenario _scenario = new(31);
    private readonly RecordingSpool _spool;
    private readonly RecordingLedger _ledger;
    private readonly RecordingSession _session;
    private readonly List<string?> _told = [];

    public FullDiskTests()
    {
        _disk = SmallDisk.CreateOrSkip(DiskBytes);
        _spool = new RecordingSpool(Path.Combine(_disk.Root, "spool"));
        _ledger = new RecordingLedger(_spool, TimeProvider.System, NullLogger<RecordingLedger>.Instance);
        var about = new ActiveRecording(RecordingId.New(Begun), "stage", Begun, RecordingTrigger.Request);
        _ledger.Append(new RecordingStarted(about.Id, about.StreamId, Begun, about.Trigger, "node"));
        var rules = new RecordingRules(TimeSpan.FromMinutes(10), null, TimeSpan.FromSeconds(60));
        _session = new RecordingSession(about, rules, _scenario.Node.LiveStreams, new SegmentFiles(_spool), _ledger) { OnProblem = (_, problem) => _told.Add(problem) };
    }

    public void Dispose()
    {
        _scenario.Dispose();
        _ledger.Dispose();
        _disk.Dispose();
    }

    /// <param name="pagesLeft">Room for the end of a file, for an event, for the beginning of the next file, or for none of them.</param>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(40)]
    public void Disk_that_is_full_for_a_while_costs_a_gap_and_leaves_whole_files(int pagesLeft)
    {
        var publisher = _scenario.PublishAndSend();
        _scenario.Clock.Every(RecorderThread.Interval, () =>
        {
            _session.Poll(_scenario.Clock.Now);
            return !_session.IsDone;
        });
        _scenario.Run(10);
        _disk.Fill(pagesLeft);
        _scenario.Run(30);
        Assert.Contains("No space left on device", _session.Segments.Problem, StringComparison.Ordinal);
        Assert.False(_session.IsDone);
        _disk.Free();
        _scenario.Run(40);
        Assert.Null(_session.Segments.Problem);
        _session.RequestEnd(RecordingEndReason.Requested);
        _scenario.RunUntil(() => _session.IsDone, 1, "the end of the recording");

        // :: The operator is told once that it stands still, and once that it goes on
        Assert.Collection(_told, Assert.NotNull, Assert.Null);

        // :: The live stream did not notice
        Assert.True(publisher.Frames > 2000);
        Assert.Equal(SessionState.Connected, publisher.Session.State);

        // :: What the journal says on the disk
        var folder = _spool.FolderOf(_session.About.Id);
        var events = JournalFile.Read(folder, NullLogger.Instance);
        var history = RecordingHistory.Of(events, Begun)!;
        Assert.Equal(RecordingEndReason.Requested, history.Ended!.Reason);
        var gap = Assert.Single(history.Gaps);
        Assert.Equal(GapReason.StorageFailed, gap.Reason);
        Assert.InRange(gap.Duration.TotalSeconds, 15, 62);
        Assert.Equal(gap.At + gap.Duration, history.Segments[^1].Start);
        Assert.All(history.Segments, segment => Assert.True(segment.IsClosed));

        // :: Each file is whole, and there is none of which nobody knows
        Assert.Equal(
            history.Segments.Select(segment => SegmentFile.NameOf(segment.Number, segment.Container)).Append(JournalFile.Name).Order(),
            Directory.GetFiles(folder).Select(path => Path.GetFileName(path)).Order());
        foreach (var segment in history.Segments)
        {
            using var file = File.OpenRead(_spool.PathOf(_session.About.Id, segment.Number, segment.Container));
            var scan = SegmentScanner.Scan(file);
            Assert.True(scan is { IsComplete: true }, $"{file.Name} is not whole.");
            Assert.Equal((segment.Bytes, segment.Duration), (file.Length, scan.Index.Duration));
        }
    }
}
