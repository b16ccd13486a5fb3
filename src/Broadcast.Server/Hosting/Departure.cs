using Broadcast.Server.Cluster;
using Broadcast.Server.Options;
using Broadcast.Signalling.Api;
using Broadcast.Signalling.Cluster;

namespace Broadcast.Server.Hosting;

/// <summary>What the node does between the signal to stop and its end: it drains, and waits until viewers and children have gone.</summary>
/// <param name="cluster">Knows how to drain this node.</param>
/// <param name="waiting">Viewers and children that are here and can go elsewhere.</param>
/// <param name="node">This node.</param>
/// <param name="options">Say how long it may take.</param>
/// <param name="time">The clock.</param>
/// <param name="log">Hears what became of it.</param>
internal sealed partial class Departure(
    IClusterOperations cluster, Func<(int Viewers, int Children)> waiting, NodeIdentity node, ServerOptions options, TimeProvider time, ILogger<Departure> log)
{
    /// <summary>In a cluster: players need about a second for a new session, and children up to three for another parent.</summary>
    private const int DefaultInCluster = 10;

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);

    /// <summary>Returns when nobody is left that could go elsewhere, or the time is over, or somebody is in a hurry.</summary>
    public async Task GoAsync(CancellationToken hurry)
    {
        var patience = TimeSpan.FromSeconds(options.DrainTimeout ?? (ClusterServices.IsInCluster(options) ? DefaultInCluster : 0));
        if (patience == TimeSpan.Zero) return;
        var (viewers, children) = waiting();
        Draining(log, viewers, children, (int)patience.TotalSeconds);
        var begun = time.GetTimestamp();
        try
        {
            await cluster.DrainAsync(node.Id, true, hurry);
            while (waiting() is not (0, 0) && time.GetElapsedTime(begun) < patience) await Task.Delay(Look, time, hurry);
        }
        catch (OperationCanceledException) when (hurry.IsCancellationRequested)
        {
            // Then what is left is closed at once.
        }

        (viewers, children) = waiting();
        Left(log, viewers, children);
    }

    [LoggerMessage(101, LogLevel.Information, "Draining: {Viewers} viewers and {Children} children have {Seconds} s to go elsewhere; a second signal ends at once")]
    private static partial void Draining(ILogger logger, int viewers, int children, int seconds);

    [LoggerMessage(102, LogLevel.Information, "Drained: {Viewers} viewers and {Children} children are left")]
    private static partial void Left(ILogger logger, int viewers, int children);
}
