using Broadcast.MediaNode;
using Broadcast.Server.Options;
using Broadcast.Signalling.Http;

namespace Broadcast.Server.Hosting;

/// <summary>Draining of this node: it is not ready, and its viewers are asked to open new sessions elsewhere. Thread-safe.</summary>
/// <remarks>
/// Asked again and again while it drains: a viewer may have come just before, or not have found another node at the first try.
/// </remarks>
internal sealed class NodeDrain(MediaPlane media, NodeReadiness readiness, ServerOptions options, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Repeat = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private ITimer? _asking;

    /// <summary>True while the node takes nothing new.</summary>
    public bool IsDraining
    {
        get
        {
            lock (_lock) return _asking is not null;
        }
    }

    /// <summary>Viewers are asked to go only while this says that there is somewhere to go.</summary>
    public Func<Task<bool>> HasElsewhere { get; set; } = static () => Task.FromResult(false);

    /// <summary>Over which time all viewers are asked, so that they do not come to the others in one instant; less when the node has not so long.</summary>
    internal static TimeSpan Spread(int? deadlineSeconds) => TimeSpan.FromSeconds(deadlineSeconds is > 0 and < 6 ? deadlineSeconds.Value / 2.0 : 3);

    /// <summary>Begins or ends draining; repeated it changes nothing.</summary>
    public void Set(bool draining)
    {
        lock (_lock)
        {
            if (draining == _asking is not null) return;
            readiness.IsReady = !draining;
            if (draining)
            {
                _asking = time.CreateTimer(_ => _ = AskAsync(), null, TimeSpan.Zero, Repeat);
            }
            else
            {
                _asking!.Dispose();
                _asking = null;
            }
        }
    }

    public void Dispose()
    {
        lock (_lock) _asking?.Dispose();
    }

    private async Task AskAsync()
    {
        if (await HasElsewhere() && IsDraining) media.AskToReconnect(Spread(options.DrainTimeout));
    }
}
