using Broadcast.Signalling.Cluster;
using Broadcast.Signalling.Operate.Figures;
using Broadcast.Signalling.Operate.Picture;
using Microsoft.Extensions.Logging;

namespace Broadcast.Signalling.Operate;

/// <summary>Makes a picture of the cluster twice a second while somebody looks, and none while nobody does. Thread-safe.</summary>
/// <remarks>
/// There is no queue: who looks asks for a picture newer than the last one it got, and gets the newest. A slow page gets fewer.
/// </remarks>
internal sealed partial class OperateFeed(IClusterOperations cluster, IClusterFigures figures, TimeProvider time, ILogger<OperateFeed> log) : IDisposable
{
    /// <summary>From one picture to the next.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromMilliseconds(500);

    /// <summary>The first picture waits so long for nodes that are slow to answer.</summary>
    private static readonly TimeSpan FirstPatience = TimeSpan.FromMilliseconds(400);

    private readonly Lock _lock = new();
    private TaskCompletionSource _changed = NewSource();
    private CancellationTokenSource? _stop;
    private ClusterPicture? _current;
    private Gathering? _gathering;
    private int _lookers;

    /// <summary>Pictures made since the start.</summary>
    public long Made { get; private set; }

    /// <summary>Those who look now.</summary>
    public int Lookers => Volatile.Read(ref _lookers);

    /// <summary>The newest report of each node; empty while nobody looks.</summary>
    public IReadOnlyDictionary<string, NodeReport> Reports => Volatile.Read(ref _gathering)?.Reports ?? new Dictionary<string, NodeReport>();

    /// <summary>Begins to look; disposed when done.</summary>
    public IDisposable Look()
    {
        lock (_lock)
        {
            if (_lookers++ == 0)
            {
                _stop = new CancellationTokenSource();
                _current = null;
                _gathering = new Gathering(figures, time);
                _ = RunAsync(_gathering, _stop.Token);
            }
        }

        return new Looking(this);
    }

    /// <summary>The newest picture, as soon as there is one that is newer than the last one seen.</summary>
    /// <param name="after">Number of the last one seen; 0 for none.</param>
    /// <param name="cancellation">To give up waiting.</param>
    public async ValueTask<ClusterPicture> NextAsync(long after, CancellationToken cancellation)
    {
        while (true)
        {
            Task changed;
            lock (_lock)
            {
                if (_current is { } picture && picture.Number > after)
                    return picture;
                changed = _changed.Task;
            }

            await changed.WaitAsync(cancellation);
        }
    }

    public void Dispose()
    {
        lock (_lock) _stop?.Cancel();
    }

    private async Task RunAsync(Gathering gathering, CancellationToken cancellation)
    {
        var maker = new PictureMaker();
        using var timer = new PeriodicTimer(Period, time);
        try
        {
            do
            {
                try
                {
                    await TurnAsync(gathering, maker, cancellation);
                }
                catch (Exception exception) when (exception is not OperationCanceledException || !cancellation.IsCancellationRequested)
                {
                    TurnFailed(log, exception);
                }
            }
            while (await timer.WaitForNextTickAsync(cancellation));
        }
        catch (OperationCanceledException)
        {
            // Nobody looks any more.
        }
    }

    private async Task TurnAsync(Gathering gathering, PictureMaker maker, CancellationToken cancellation)
    {
        var nodes = await cluster.GetNodesAsync(cancellation);
        var asked = gathering.Ask(nodes, cancellation);
        if (maker.Made == 0)
            await Task.WhenAny(asked, Task.Delay(FirstPatience, time, cancellation));
        gathering.Take(nodes);
        var picture = maker.Make(nodes, gathering.Reports, gathering.Events, time.GetUtcNow());
        lock (_lock)
        {
            if (cancellation.IsCancellationRequested)
                return;
            (_current, Made) = (picture, Made + 1);
            _changed.TrySetResult();
            _changed = NewSource();
        }
    }

    private void Leave()
    {
        lock (_lock)
        {
            if (--_lookers > 0)
                return;
            _stop!.Cancel();
            _stop.Dispose();
            (_stop, _gathering, _current) = (null, null, null);
        }
    }

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    [LoggerMessage(2, LogLevel.Error, "The picture for operators could not be made")]
    private static partial void TurnFailed(ILogger logger, Exception exception);

    private sealed class Looking(OperateFeed feed) : IDisposable
    {
        private int _left;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _left, 1) == 0)
                feed.Leave();
        }
    }
}
