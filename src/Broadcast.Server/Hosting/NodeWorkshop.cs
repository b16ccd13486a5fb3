using Broadcast.Recording.Finishing;
using Broadcast.Vod.Jobs;
using Broadcast.Vod.Recordings;

namespace Broadcast.Server.Hosting;

/// <summary>FFmpeg as soon as it is needed: a node without it records all the same, and says with each job what is missing.</summary>
internal sealed class NodeWorkshop(FfmpegWorkshopOptions options, RecordingSpool spool) : IMediaWorkshop, IDisposable
{
    private readonly SemaphoreSlim _finding = new(1);
    private FfmpegWorkshop? _workshop;

    public void Dispose()
    {
        _workshop?.Dispose();
        _finding.Dispose();
    }

    public async Task<RepairedSegment?> RepairAsync(string path, CancellationToken cancellation) =>
        await (await FindAsync(cancellation)).RepairAsync(path, cancellation);

    public async Task<IReadOnlyList<MediaFile>> FinishAsync(FinishOrder order, IProgress<double> progress, CancellationToken cancellation) =>
        await (await FindAsync(cancellation)).FinishAsync(order, progress, cancellation);

    public async Task<PreviewFiles?> PreviewAsync(PreviewOrder order, CancellationToken cancellation) =>
        await (await FindAsync(cancellation)).PreviewAsync(order, cancellation);

    public async Task<MediaFile> ClipAsync(ClipOrder order, IProgress<double> progress, CancellationToken cancellation) =>
        await (await FindAsync(cancellation)).ClipAsync(order, progress, cancellation);

    public async Task<MediaFile> ExportAsync(ExportOrder order, IProgress<double> progress, CancellationToken cancellation) =>
        await (await FindAsync(cancellation)).ExportAsync(order, progress, cancellation);

    private async Task<FfmpegWorkshop> FindAsync(CancellationToken cancellation)
    {
        await _finding.WaitAsync(cancellation);
        try
        {
            if (_workshop is not null) return _workshop;
            var tools = await FfmpegTools.FindAsync(options, cancellation);
            Sweep();
            return _workshop = new FfmpegWorkshop(tools, options);
        }
        finally
        {
            _finding.Release();
        }
    }

    /// <summary>Nothing is being made yet: what lies there half made is of a process that was killed.</summary>
    private void Sweep()
    {
        if (!Directory.Exists(spool.Root)) return;
        FfmpegWorkshop.Sweep(Directory.EnumerateDirectories(spool.Root).SelectMany(folder => (string[])[folder, .. Directory.EnumerateDirectories(folder)]));
    }
}
