namespace Broadcast.Vod.Jobs;

/// <summary>The workshop of a node that has none.</summary>
internal sealed class NoWorkshop : IMediaWorkshop
{
    private const string Why = "This node makes no files. Install FFmpeg, or let another node do it.";

    public Task<RepairedSegment?> RepairAsync(string path, CancellationToken cancellation) => throw new WorkshopException(Why);

    public Task<IReadOnlyList<MediaFile>> FinishAsync(FinishOrder order, IProgress<double> progress, CancellationToken cancellation) => throw new WorkshopException(Why);

    public Task<PreviewFiles?> PreviewAsync(PreviewOrder order, CancellationToken cancellation) => throw new WorkshopException(Why);

    public Task<MediaFile> ClipAsync(ClipOrder order, IProgress<double> progress, CancellationToken cancellation) => throw new WorkshopException(Why);

    public Task<MediaFile> ExportAsync(ExportOrder order, IProgress<double> progress, CancellationToken cancellation) => throw new WorkshopException(Why);
}
