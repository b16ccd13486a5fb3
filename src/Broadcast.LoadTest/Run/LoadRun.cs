using Broadcast.Client.Connections;
using Broadcast.Client.Media;
using Broadcast.Client.Signalling;
using Broadcast.LoadTest.Janus;
using Broadcast.LoadTest.Options;
using Broadcast.LoadTest.Report;
using Broadcast.MediaNode;
using Broadcast.Rtc;

namespace Broadcast.LoadTest.Run;

/// <summary>One run: media → publishers → viewers join → warm-up → measuring window → everybody leaves.</summary>
internal sealed class LoadRun : IAsyncDisposable
{
    private static readonly TimeSpan PictureLimit = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan LeaveLimit = TimeSpan.FromSeconds(10);

    private readonly LoadOptions _options;
    private readonly TextWriter _output;
    private readonly ProcessSampler _server;
    private readonly EventLoop _publisherLoop = new("publishers");
    private readonly EventLoop[] _viewerLoops;
    private readonly List<Publisher> _publishers = [];
    private readonly Viewer[] _viewers;

    /// <summary>Starts the threads.</summary>
    public LoadRun(LoadOptions options, TextWriter output)
    {
        _options = options;
        _output = output;
        _server = new ProcessSampler(options.ServerProcesses);
        _viewerLoops = [.. Enumerable.Range(1, options.Threads).Select(number => new EventLoop($"viewers {number}"))];
        _viewers = [.. Enumerable.Range(0, options.Viewers).Select(_ => new Viewer())];
    }

    /// <summary>Runs from beginning to end.</summary>
    /// <exception cref="SignallingException">A publisher was refused.</exception>
    /// <exception cref="HttpRequestException">The server cannot be reached.</exception>
    public async Task<LoadResult> RunAsync(CancellationToken cancellation)
    {
        await using var signalling = await ConnectAsync(_options.Server, cancellation);
        using var opener = new SessionOpener(_options, signalling);
        await using var watchSignalling = await ConnectAsync(_options.WatchServer ?? _options.Server, cancellation);
        using var watchOpener = new SessionOpener(_options, watchSignalling);
        try
        {
            await PublishAsync(opener, cancellation);
            await Task.Delay(TimeSpan.FromSeconds(1), cancellation); // until the server has reports and a keyframe
            using var stopTable = new CancellationTokenSource();
            var table = new LiveTable(_output, _server, Totals, CountViewers).RunAsync(stopTable.Token);
            try
            {
                return await MeasureAsync(watchOpener, cancellation);
            }
            finally
            {
                await stopTable.CancelAsync();
                await table;
            }
        }
        finally
        {
            await LeaveAsync();
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        foreach (var loop in _viewerLoops) loop.Dispose();
        _publisherLoop.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<ISignalling> ConnectAsync(Uri server, CancellationToken cancellation) => _options.Peer == PeerKind.Janus
        ? await JanusSignalling.ConnectAsync(server, _options.Connections, cancellation)
        : new WhipWhepSignalling(server, _options.Token, _options.Connections);

    private async Task PublishAsync(SessionOpener opener, CancellationToken cancellation)
    {
        if (_options.Publishers == 0) return;
        var clips = new List<MediaClip>();
        for (var i = 0; i < _options.Encodings; i++) clips.Add(await ClipGenerator.VideoAsync(RequestOf(i), cancellation));
        var video = clips[0];
        var audio = _options.Audio ? await ClipGenerator.AudioAsync(cancellation) : null;
        _output.WriteLine($"{_options.Codec} at {video.BitsPerSecond / 1000} kbit/s, {video.PacketCount / (video.FrameCount / (double)_options.FramesPerSecond):0} packets/s{(audio is null ? "" : ", Opus at 50")}");
        for (var i = 0; i < _options.Publishers; i++)
        {
            var publisher = new Publisher(_options.StreamName(i), video, audio, _options.Pacing)
            {
                AnswersKeyframeRequests = !_options.IgnoreKeyframeRequests,
                Smaller = clips[1..],
            };
            _publishers.Add(publisher);
            await publisher.StartAsync(opener, _publisherLoop, cancellation);
        }
    }

    private ClipGenerator.VideoRequest RequestOf(int encoding)
    {
        // Encoders want even sizes.
        var (width, height) = (_options.Size.Width >> encoding & ~1, _options.Size.Height >> encoding & ~1);
        return new ClipGenerator.VideoRequest(_options.Codec, width, height, _options.FramesPerSecond, _options.Bitrate >> (2 * encoding), _options.KeyframeInterval)
        {
            Numbered = _options.NumberedFrames,
            HasTemporalLayers = _options.TemporalLayers,
        };
    }

    private async Task<LoadResult> MeasureAsync(SessionOpener opener, CancellationToken cancellation)
    {
        // :: Step 1: everybody joins
        var beforeJoins = Snapshot();
        await JoinAsync(opener, cancellation);
        var afterJoins = Snapshot();

        // :: Step 2: until the server has settled
        await Task.Delay(_options.Warmup, cancellation);
        await BeginWindowAsync();

        // :: Step 3: the window
        var begin = Snapshot();
        await Task.Delay(_options.Duration, cancellation);
        var end = Snapshot();
        var drops = await CountDropsAsync();
        var pauses = await ReadPausesAsync(end.At);
        return new ResultBuilder(_options, _viewers, beforeJoins, afterJoins, begin, end) { Delay = Totals().Delay, Pauses = pauses, ReceiveDrops = drops }.Build();
    }

    private async Task JoinAsync(SessionOpener opener, CancellationToken cancellation)
    {
        using var gate = new SemaphoreSlim(_options.Connections);
        var joins = new Task[_viewers.Length];
        var start = MonotonicClock.Now();
        for (var i = 0; i < _viewers.Length; i++)
        {
            var wait = start + TimeSpan.FromSeconds(i / _options.JoinRate) - MonotonicClock.Now();
            if (wait > TimeSpan.FromMilliseconds(1)) await Task.Delay(wait, cancellation);
            var publisher = _publishers.Count == 0 ? null : _publishers[i % _publishers.Count];
            joins[i] = _viewers[i].JoinAsync(
                opener, _viewerLoops[i % _viewerLoops.Length], publisher?.Stream ?? _options.Stream, _options.SampleEvery, publisher?.SentTimes, gate, PictureLimit, cancellation);
        }

        await Task.WhenAll(joins);
        if (_options.Layer is { } layer) await Parallel.ForEachAsync(_viewers, cancellation, async (viewer, token) => await viewer.ChooseLayerAsync(layer, token));
    }

    private RunSnapshot Snapshot() => new(MonotonicClock.Now(), Totals(), _server.Read(), Environment.CpuUsage.TotalTime);

    private LoopCounters Totals()
    {
        var totals = new LoopCounters();
        foreach (var loop in _viewerLoops) totals.Add(loop.Counters, delays: true);
        totals.Add(_publisherLoop.Counters);
        return totals;
    }

    private (int Joined, int Playing) CountViewers() => (_viewers.Count(viewer => viewer.HasJoined), _viewers.Count(viewer => viewer.IsPlaying));

    private Task BeginWindowAsync() => OnViewerLoopsAsync(loop =>
    {
        loop.Counters.Delay.Clear();
        foreach (var viewer in ViewersOf(loop)) viewer.Session!.Pauses.Restart();
    });

    private async Task<Histogram> ReadPausesAsync(MonotonicTime now)
    {
        var pauses = new Histogram();
        await OnViewerLoopsAsync(loop =>
        {
            lock (pauses)
            {
                foreach (var viewer in ViewersOf(loop)) pauses.Add(viewer.Session!.Pauses.Longest(now));
            }
        });
        return pauses;
    }

    private IEnumerable<Viewer> ViewersOf(EventLoop loop) => _viewers.Where(viewer => viewer is { IsPlaying: true, Peer: { } peer } && peer.Loop == loop);

    private async Task<long> CountDropsAsync()
    {
        var drops = 0L;
        await OnViewerLoopsAsync(loop =>
        {
            foreach (var viewer in _viewers)
            {
                if (viewer.Peer is { } peer && peer.Loop == loop && !peer.IsClosed) Interlocked.Add(ref drops, peer.Socket.ReadKernelDrops());
            }
        });
        return drops;
    }

    private Task OnViewerLoopsAsync(Action<EventLoop> action) => Task.WhenAll(_viewerLoops.Select(loop =>
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        loop.Post(owner =>
        {
            action(owner);
            done.SetResult();
        });
        return loop.Failure is null ? done.Task : Task.FromException(loop.Failure);
    }));

    private async Task LeaveAsync()
    {
        using var limit = new CancellationTokenSource(LeaveLimit);
        await Parallel.ForEachAsync(_viewers, new ParallelOptions { MaxDegreeOfParallelism = _options.Connections }, async (viewer, _) => await viewer.LeaveAsync(limit.Token));
        foreach (var publisher in _publishers) await publisher.LeaveAsync(limit.Token);
    }
}
