using System.Diagnostics.Metrics;
using Broadcast.MediaNode.Sessions;
using Broadcast.MediaNode.Workers;
using Broadcast.Rtc;

namespace Broadcast.MediaNode;

/// <summary>The media plane's counters as observable instruments of the meter "Broadcast.MediaNode".</summary>
/// <remarks>The packet path counts in plain fields; they are read only when somebody asks.</remarks>
public sealed class MediaNodeMeters : IDisposable
{
    private static readonly DropReason[] Reasons = Enum.GetValues<DropReason>();

    private readonly Meter _meter = new("Broadcast.MediaNode");

    /// <summary>Registers the instruments.</summary>
    public MediaNodeMeters(MediaPlane plane)
    {
        Count(plane, "media.datagrams.sent", "Datagrams handed to the kernel.", worker => worker.Counters.SentDatagrams);
        Count(plane, "media.datagrams.received", "Datagrams taken from the kernel.", worker => worker.Counters.ReceivedDatagrams);
        Count(plane, "media.bytes.sent", "Payload bytes handed to the kernel.", worker => worker.Counters.SentBytes);
        Count(plane, "media.bytes.received", "Payload bytes taken from the kernel.", worker => worker.Counters.ReceivedBytes);
        Count(plane, "media.send.calls", "System calls that sent.", worker => worker.Counters.SendCalls);
        Count(plane, "media.receive.calls", "System calls that received.", worker => worker.Counters.ReceiveCalls);
        Count(plane, "media.send.segmented_runs", "Runs sent with segmentation offload.", worker => worker.Counters.SegmentedRuns);
        Count(plane, "media.send.dropped", "Datagrams the kernel would not take.", worker =>
            worker.Counters.DroppedQueueFull + worker.Counters.DroppedNoBuffers + worker.Counters.DroppedUnreachable + worker.Counters.DroppedFailed);
        Count(plane, "media.receive.kernel_drops", "Datagrams lost because the receive buffer was full.", worker => worker.Counters.KernelReceiveDrops);
        Count(plane, "media.worker.allocated", "Managed bytes allocated by the media thread; forwarding allocates none.", worker => worker.AllocatedBytes);
        _meter.CreateObservableGauge("media.worker.load", () => plane.Workers.Select(worker => new Measurement<double>(worker.Load, Tag(worker))), null, "Share of time a worker is busy, 0 to 1.");
        _meter.CreateObservableGauge("media.peers", () => plane.Workers.Select(worker => new Measurement<int>(worker.Engine.PeerCount, Tag(worker))), null, "Adopted peers in any state.");
        _meter.CreateObservableGauge("media.viewers", () => plane.Workers.Select(worker => new Measurement<int>(worker.Engine.ViewerCount, Tag(worker))), null, "Connected viewers.");
        _meter.CreateObservableGauge("media.sessions", () => plane.SessionCount, null, "Sessions in any state.");
        _meter.CreateObservableGauge("media.streams.active", () => plane.Streams.Count(stream => stream.Active), null, "Streams with a live publisher.");
        _meter.CreateObservableCounter("media.keyframes", () => Keyframes(plane.Keyframes), null, "What became of the wishes for keyframes, by outcome.");
        _meter.CreateObservableCounter("media.dropped", () => plane.Workers.SelectMany(Drops), null, "Datagrams, packets and requests dropped, by reason.");
        AddLinks(plane);
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    private void AddLinks(MediaPlane plane)
    {
        _meter.CreateObservableGauge("relay.parents", () => plane.Links.Parents, null, "Nodes that feed this one or stand by to.");
        _meter.CreateObservableGauge("relay.child_nodes", () => plane.Links.ChildNodes, null, "Nodes with a transport from this one.");
        _meter.CreateObservableGauge("relay.children", () => plane.Links.Children, null, "Nodes fed, counted once for each stream.");
        _meter.CreateObservableGauge("relay.streams", () => plane.Links.Streams, null, "Streams that come from other nodes.");
        _meter.CreateObservableGauge("relay.depth", () => plane.Links.Depth, null, "Hops from the publisher of the stream that is farthest from its own.");
        _meter.CreateObservableCounter("relay.takeovers", () => plane.Links.Takeovers, null, "Standbys taken because a parent fell silent.");
        _meter.CreateObservableCounter("relay.bytes.received", () => plane.Links.BytesReceived, null, "Media bytes from parents.");
        _meter.CreateObservableCounter("relay.bytes.sent", () => plane.Links.BytesSent, null, "Media bytes to children, repairs not counted.");
        _meter.CreateObservableCounter("relay.frames.stale", () => plane.Links.StaleStates, null, "Control frames of a publication that was over.");
        _meter.CreateObservableCounter("relay.frames.bad", () => plane.Links.BadFrames, null, "Control frames that could not be read, or spoke of what is not there.");
    }

    private static KeyValuePair<string, object?> Tag(MediaWorker worker) => new("worker", worker.Engine.Index);

    private static IEnumerable<Measurement<long>> Drops(MediaWorker worker) =>
        from reason in Reasons
        where reason != DropReason.None && worker.Engine.Drops[reason] > 0
        select new Measurement<long>(worker.Engine.Drops[reason], Tag(worker), new KeyValuePair<string, object?>("reason", reason.ToString()));

    private static Measurement<long>[] Keyframes(KeyframeTotals totals) =>
    [
        Outcome(totals.Asked, "asked"),
        Outcome(totals.Answered, "answered"),
        Outcome(totals.Coalesced, "coalesced"),
        Outcome(totals.ServedFromCache, "served_from_cache"),
        Outcome(totals.Refused, "refused"),
    ];

    private static Measurement<long> Outcome(long value, string outcome) => new(value, new KeyValuePair<string, object?>("outcome", outcome));

    private void Count(MediaPlane plane, string name, string description, Func<MediaWorker, long> value) =>
        _meter.CreateObservableCounter(name, () => plane.Workers.Select(worker => new Measurement<long>(value(worker), Tag(worker))), null, description);
}
