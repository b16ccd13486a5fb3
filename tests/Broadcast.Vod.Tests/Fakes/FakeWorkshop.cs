using Broadcast.Vod.Jobs;
using Broadcast.Vod.Recordings;

namespace Broadcast.Vod.Tests.Fakes;

/// <summary>Joins by putting bytes behind each other, and does what a test says before it does so.</summary>
internal sealed class FakeWorkshop : IMediaWorkshop
{
    /// <summary>Runs before files are made; may wait, or throw.</summary>
    public Func<CancellationToken, Task> Before { get; set; } = _ => Task.CompletedTask;

    public List<FinishOrder> Finished { get; } = [];

    public List<ClipOrder> Clips { get; } = [];

    public List<ExportOrder> Exports { get; } = [];

    public List<string> Repaired { get; } = [];

    /// <summary>What a repair finds; null for nothing.</summary>
    public RepairedSegment? Repair { get; set; } = new(TimeSpan.FromSeconds(3), 30);

    public Task<RepairedSegment?> RepairAsync(string path, CancellationToken cancellation)
    {
        Repaired.Add(path);
        return Task.FromResult(Repair);
    }

    public async Task<IReadOnlyList<MediaFile>> FinishAsync(FinishOrder order, IProgress<double> progress, CancellationToken cancellation)
    {
        Finished.Add(order);
        progress.Report(0.5);
        await Before(cancellation);
        var files = new List<MediaFile>();
        // A run ends where the format changes.
        for (var first = 0; first < order.Segments.Count;)
        {
            var run = order.Segments.Skip(first).TakeWhile(segment => segment.Tracks[0] == order.Segments[first].Tracks[0]).ToList();
            var webm = run[0].Container is SegmentContainer.WebM;
            var path = Path.Combine(order.Folder, $"part-{files.Count + 1}.{(webm ? "webm" : "mkv")}");
            await File.WriteAllBytesAsync(path, run.SelectMany(segment => File.ReadAllBytes(segment.Path)).ToArray(), cancellation);
            var end = run[^1].Start + run[^1].Duration;
            files.Add(new MediaFile(
                path, webm ? "video/webm; codecs=\"vp8, opus\"" : "video/x-matroska; codecs=\"avc1.42e01f, opus\"", run[0].Start, end - run[0].Start, new FileInfo(path).Length,
                run[0].Tracks[0].Width, run[0].Tracks[0].Height));
            first += run.Count;
        }

        return files;
    }

    public async Task<PreviewFiles?> PreviewAsync(PreviewOrder order, CancellationToken cancellation)
    {
        string poster = Path.Combine(order.Folder, order.Prefix + "poster.jpg"), sprite = Path.Combine(order.Folder, order.Prefix + "sprite-1.jpg");
        await File.WriteAllTextAsync(poster, "poster", cancellation);
        await File.WriteAllTextAsync(sprite, "sprite", cancellation);
        return new PreviewFiles(poster, [sprite], TimeSpan.FromSeconds(5), 160, 90, 10, 10, 12);
    }

    public async Task<MediaFile> ClipAsync(ClipOrder order, IProgress<double> progress, CancellationToken cancellation)
    {
        Clips.Add(order);
        Assert.True(File.Exists(order.Path));
        progress.Report(0.25);
        await Before(cancellation);
        await File.WriteAllTextAsync(order.Output, "clip", cancellation);
        return new MediaFile(order.Output, "video/webm; codecs=\"vp8, opus\"", TimeSpan.Zero, order.To - order.From, 4, 640, 360);
    }

    public async Task<MediaFile> ExportAsync(ExportOrder order, IProgress<double> progress, CancellationToken cancellation)
    {
        Exports.Add(order);
        Assert.All(order.Paths, path => Assert.True(File.Exists(path.Path)));
        await Before(cancellation);
        await File.WriteAllTextAsync(order.Output, "export", cancellation);
        return new MediaFile(order.Output, "video/mp4", TimeSpan.Zero, TimeSpan.FromSeconds(20), 6, 640, 360);
    }
}

/// <summary>Records one stream, "live", as far as anybody is told.</summary>
internal sealed class FakeRecorder : IRecorder
{
    private readonly List<ActiveRecording> _active = [];

    public IReadOnlyList<ActiveRecording> Active => _active;

    public ValueTask<RecordingStart> StartAsync(string streamId, CancellationToken cancellation)
    {
        if (_active.Find(each => each.StreamId == streamId) is { } running) return new(new RecordingStart.AlreadyRunning(running.Id));
        if (streamId == "off") return new(new RecordingStart.Refused("Nobody publishes it.", NotLive: true));
        if (streamId == "never") return new(new RecordingStart.Refused("Its policy says never."));
        var started = new ActiveRecording(RecordingId.New(DateTimeOffset.UnixEpoch), streamId, DateTimeOffset.UnixEpoch, RecordingTrigger.Request);
        _active.Add(started);
        return new(new RecordingStart.Started(started.Id));
    }

    public ValueTask<RecordingId?> StopAsync(string streamId, CancellationToken cancellation)
    {
        var running = _active.Find(each => each.StreamId == streamId);
        _active.RemoveAll(each => each.StreamId == streamId);
        return new(running?.Id);
    }
}
