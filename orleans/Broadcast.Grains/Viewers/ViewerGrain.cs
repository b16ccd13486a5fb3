using Broadcast.Grains.Abstractions.Viewers;
using Broadcast.Grains.Placement;
using Orleans.Configuration;

namespace Broadcast.Grains.Viewers;

/// <summary>Where finished viewer sessions go: usage records.</summary>
public interface IUsageSink
{
    /// <summary>Takes a finished session; must not block. The same session may come twice when a silo was restarted in between.</summary>
    void Finished(ViewerProgress session);
}

/// <summary>One viewer session. Counters are totals, so an update that gets lost costs nothing, and any of them can begin it again.</summary>
/// <remarks>Stays for a while after the end, to know a repetition of it.</remarks>
[NodePlacement, CollectionAgeLimit(Minutes = 2)]
internal sealed class ViewerGrain(IUsageSink usage) : Grain, IViewerGrain
{
    private ViewerProgress? _latest;
    private bool _ended;

    public Task Update(ViewerProgress progress)
    {
        if (!_ended) _latest = progress;
        return Task.CompletedTask;
    }

    public Task End(ViewerProgress progress)
    {
        if (_ended) return Task.CompletedTask;
        _ended = true;
        _latest = progress;
        usage.Finished(progress);
        return Task.CompletedTask;
    }

    public Task<ViewerProgress?> Get() => Task.FromResult(_latest);
}

/// <summary>Where nobody wants usage records.</summary>
internal sealed class NoUsageSink : IUsageSink
{
    public void Finished(ViewerProgress session)
    {
    }
}
