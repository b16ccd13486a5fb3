using Broadcast.Media.Sessions;
using Broadcast.Recording.Policy;
using Broadcast.Testing;
using Broadcast.Vod.Recordings;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broadcast.Recording.Tests.Sessions;

/// <summary>Who may begin a recording, and when one begins and ends by itself. Real threads and files, a virtual network.</summary>
public sealed class RecorderTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly string _folder = Directory.CreateTempSubdirectory("broadcast-recorder-").FullName;
    private readonly RecordingOptions _options = new();
    private readonly FolderLedger _ledger;
    private readonly Scenario _scenario = new(1);
    private readonly Recorder _recorder;

    public RecorderTests()
    {
        var spool = new RecordingSpool(_folder);
        _ledger = new FolderLedger(spool);
        _recorder = new Recorder(_options, _scenario.Node.LiveStreams, spool, _ledger, "node", () => _scenario.Clock.Now, TimeProvider.System, NullLogger<Recorder>.Instance);
    }

    public void Dispose()
    {
        _recorder.Dispose();
        _scenario.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Nobody_publishes()
    {
        var refused = Assert.IsType<RecordingStart.Refused>(await _recorder.StartAsync("stage", default));
        Assert.True(refused.NotLive);
        Assert.Empty(_recorder.Active);
        Assert.Null(await _recorder.StopAsync("stage", default));
    }

    [Fact]
    public async Task Stream_that_is_never_recorded_is_not()
    {
        _scenario.PublishAndSend();
        _options.Streams["stage"] = new StreamRecordingOptions { Mode = RecordingOptions.Never };
        var refused = Assert.IsType<RecordingStart.Refused>(await _recorder.StartAsync("stage", default));
        Assert.False(refused.NotLive);
        Assert.Empty(_ledger.Events);
    }

    [Fact]
    public async Task Second_wish_finds_the_first_recording()
    {
        _scenario.PublishAndSend();
        var started = Assert.IsType<RecordingStart.Started>(await _recorder.StartAsync("stage", default));
        var again = Assert.IsType<RecordingStart.AlreadyRunning>(await _recorder.StartAsync("stage", default));
        Assert.Equal(started.Id, again.Id);
        Assert.Equal(started.Id, Assert.Single(_recorder.Active).Id);
    }

    [Fact]
    public async Task Full_disk_refuses_with_a_sentence()
    {
        _scenario.PublishAndSend();
        _ledger.IsFull = true;
        var refused = Assert.IsType<RecordingStart.Refused>(await _recorder.StartAsync("stage", default));
        Assert.Contains("No space left", refused.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Node_that_stops_ends_recordings_whole()
    {
        _scenario.PublishAndSend(frames: 120);
        await _recorder.StartAsync("stage", default);
        Assert.Equal(1, await _recorder.StopAllAsync(Limit));
        var ended = Assert.IsType<RecordingEnded>(_ledger.Events[^1]);
        Assert.Equal(RecordingEndReason.NodeStopped, ended.Reason);
        Assert.True(ended.Duration > TimeSpan.FromSeconds(1), $"{ended.Duration}");
        Assert.Single(_ledger.Events.OfType<SegmentClosed>());
        Assert.IsType<RecordingStart.Refused>(await _recorder.StartAsync("stage", default));
        Assert.Equal(1, _recorder.Totals.Ended);
    }

    [Fact]
    public async Task Stream_that_is_always_recorded_begins_with_its_publication_and_not_again_after_somebody_ended_it()
    {
        _options.Mode = RecordingOptions.Always;
        _scenario.PublishAndSend(frames: 60);
        await _recorder.FollowAsync(Active());
        var started = Assert.Single(_ledger.Events.OfType<RecordingStarted>());
        Assert.Equal(RecordingTrigger.Policy, started.Trigger);

        // The same publication fell silent, and is active again.
        Assert.NotNull(await _recorder.StopAsync("stage", default));
        Assert.True(SpinWait.SpinUntil(() => _recorder.Totals.Ended == 1, Limit));
        await _recorder.FollowAsync(Active());
        Assert.Single(_ledger.Events.OfType<RecordingStarted>());

        // Another one is another one.
        _scenario.Publish();
        _scenario.Run(3);
        await _recorder.FollowAsync(Active());
        Assert.Equal(2, _ledger.Events.OfType<RecordingStarted>().Count());
    }

    private static StreamEvent Active() => new(StreamEventKind.Active, new StreamSnapshot("stage", true, DateTimeOffset.UnixEpoch, 1, 0, []));

    /// <summary>A ledger of several threads, which makes folders.</summary>
    private sealed class FolderLedger(RecordingSpool spool) : IRecordingLedger
    {
        private readonly Lock _lock = new();
        private readonly List<RecordingEvent> _events = [];

        public bool IsFull { get; set; }

        public IReadOnlyList<RecordingEvent> Events
        {
            get
            {
                lock (_lock) return [.. _events];
            }
        }

        public void Append(RecordingEvent what)
        {
            if (IsFull) throw new IOException("No space left on device");
            if (what is RecordingStarted) Directory.CreateDirectory(spool.FolderOf(what.Id));
            if (what is SegmentGrown) return;
            lock (_lock) _events.Add(what);
        }
    }
}
