using System.Diagnostics.Metrics;
using Broadcast.Media.Sessions;
using Broadcast.MediaNode.Sessions;
using Broadcast.MediaNode.Telemetry;
using Broadcast.MediaNode.Workers;
using Broadcast.Rtc;

namespace Broadcast.MediaNode;

/// <summary>The media plane's counters as observable instruments of the meter "Broadcast.MediaNode".</summary>
/// <remarks>The packet path counts in plain fields; they are read only when somebody asks. No label has more values than stand in the code.</remarks>
public sealed class MediaNodeMeters : IDisposable
{
    private static readonly DropReason[] Reasons = Enum.GetValues<DropReason>();

    /// <summary>From a viewer next door to one whose network barely works.</summary>
    private static readonly double[] JoinBuckets = [.025, .05, .1, .2, .3, .5, .75, 1, 1.5, 2, 3, 5, 10, 30];

    /// <summary>Around the silence after which a parent is taken for dead, 0.3 s.</summary>
    private static readonly double[] HealingBuckets = [.1, .2, .3, .35, .4, .5, .75, 1, 1.5, 2, 3, 5, 10, 30];

    private readonly Meter _meter = new("Broadcast.MediaNode");
    private readonly FiguresOfAMoment _figures;
    private readonly Histogram<double> _connected;
    private readonly Histogram<double> _media;
    private readonly Histogram<double> _healed;
    private readonly MediaPlane _plane;

    /// <summary>Registers the instruments.</summary>
    public MediaNodeMeters(MediaPlane plane)
    {
        (_plane, _figures) = (plane, new FiguresOfAMoment(plane));
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
        _meter.CreateObservableGauge("media.streams.active", () => _figures.Now.ActiveStreams, null, "Streams with a live publisher.");
        _meter.CreateObservableCounter("media.keyframes", () => Keyframes(_figures.Now.Keyframes), null, "What became of the wishes for keyframes, by outcome.");
        _meter.CreateObservableCounter("media.dropped", () => plane.Workers.SelectMany(Drops), null, "Datagrams, packets and requests dropped, by reason.");
        AddSessions();
        AddLinks();
        _connected = _meter.CreateHistogram("join.connected", "s", "From the POST to the end of the handshake, by role.", null, Advice(JoinBuckets));
        _media = _meter.CreateHistogram("join.media", "s", "From the POST to the first media packet, sent to a viewer or come from a publisher, by role.", null, Advice(JoinBuckets));
        _healed = _meter.CreateHistogram("relay.healing", "s", "From the last sign of a parent that was lost to media again.", null, Advice(HealingBuckets));
        plane.Joined += OnJoined;
        plane.Healed += OnHealed;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _plane.Joined -= OnJoined;
        _plane.Healed -= OnHealed;
        _meter.Dispose();
    }

    private void AddSessions()
    {
        _meter.CreateObservableGauge("media.sessions", () => ByRole(_figures.Now.Sessions), null, "Sessions in any state, by role.");
        _meter.CreateObservableCounter("media.sessions.opened", () => ByRole(_figures.Now.Opened), null, "Sessions made, by role.");
        _meter.CreateObservableCounter("media.sessions.ended", () => _figures.Now.Ended.Select(ended => new Measurement<long>(ended.Count, Role(ended.Kind), new("reason", ended.Reason))), null, "Sessions that ended, by role and reason.");
        _meter.CreateObservableCounter("media.rtp.packets.received", () => _figures.Now.Totals.PacketsReceived, null, "RTP packets of publishers.");
        _meter.CreateObservableCounter("media.rtp.packets.sent", () => _figures.Now.Totals.PacketsSent, null, "RTP packets to viewers, repairs not counted.");
        _meter.CreateObservableCounter("media.keyframe_requests.received", () => _figures.Now.Totals.KeyframeRequests, null, "Keyframes that viewers asked for (PLI, FIR).");
        _meter.CreateObservableCounter("media.nacks", () => Nacks(_figures.Now), null, "Packets asked for again, by who is asked, and what became of it.");
        _meter.CreateObservableGauge("media.viewers_by_height", () => Labelled("height", _figures.Now.ViewersByHeight), null, "Connected viewers by lines of the picture they get, up to.");
        _meter.CreateObservableGauge("media.viewers_by_estimate", () => Labelled("le", _figures.Now.ViewersByEstimate), null, "Connected viewers whose network carries up to so many bits per second; each bucket has those below it, too.");
    }

    private void AddLinks()
    {
        _meter.CreateObservableGauge("relay.parents", () => _figures.Now.Links.Parents, null, "Nodes that feed this one or stand by to.");
        _meter.CreateObservableGauge("relay.child_nodes", () => _figures.Now.Links.ChildNodes, null, "Nodes with a transport from this one.");
        _meter.CreateObservableGauge("relay.children", () => _figures.Now.Links.Children, null, "Nodes fed, counted once for each stream.");
        _meter.CreateObservableGauge("relay.streams", () => _figures.Now.Links.Streams, null, "Streams that come from other nodes.");
        _meter.CreateObservableGauge("relay.streams_by_depth", () => Labelled("depth", _figures.Now.StreamsByDepth), null, "Streams that come from other nodes, by hops from the publisher.");
        _meter.CreateObservableGauge("relay.depth", () => _figures.Now.Links.Depth, null, "Hops from the publisher of the stream that is farthest from its own.");
        _meter.CreateObservableCounter("relay.takeovers", () => _figures.Now.Links.Takeovers, null, "Standbys taken because a parent fell silent.");
        _meter.CreateObservableCounter("relay.bytes.received", () => _figures.Now.Links.BytesReceived, null, "Media bytes from parents.");
        _meter.CreateObservableCounter("relay.bytes.sent", () => _figures.Now.Links.BytesSent, null, "Media bytes to children, repairs not counted.");
        _meter.CreateObservableCounter("relay.frames.stale", () => _figures.Now.Links.StaleStates, null, "Control frames of a publication that was over.");
        _meter.CreateObservableCounter("relay.frames.bad", () => _figures.Now.Links.BadFrames, null, "Control frames that could not be read, or spoke of what is not there.");
    }

    private void OnJoined(SessionKind kind, JoinStep step, TimeSpan took) => (step == JoinStep.Connected ? _connected : _media).Record(took.TotalSeconds, Role(kind));

    private void OnHealed(TimeSpan pause) => _healed.Record(pause.TotalSeconds);

    private static InstrumentAdvice<double> Advice(double[] buckets) => new() { HistogramBucketBoundaries = buckets };

    private static KeyValuePair<string, object?> Tag(MediaWorker worker) => new("worker", worker.Engine.Index);

    private static KeyValuePair<string, object?> Role(SessionKind kind) => new("role", kind == SessionKind.Publisher ? "publisher" : "viewer");

    private static IEnumerable<Measurement<T>> ByRole<T>(IReadOnlyList<T> counts)
        where T : struct => counts.Select((count, kind) => new Measurement<T>(count, Role((SessionKind)kind)));

    private static IEnumerable<Measurement<int>> Labelled(string label, Buckets buckets) =>
        buckets.All.Select(bucket => new Measurement<int>(bucket.Count, new KeyValuePair<string, object?>(label, bucket.Label)));

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

    private static Measurement<long>[] Nacks(MediaFigures figures) =>
    [
        Nack(figures.Totals.NacksReceived, "by_viewers", "asked"),
        Nack(figures.Totals.Retransmitted, "by_viewers", "repaired"),
        Nack(figures.Totals.NacksRefused, "by_viewers", "refused"),
        Nack(figures.Totals.NacksSent, "of_publishers", "asked"),
        Nack(figures.Totals.Repaired, "of_publishers", "repaired"),
        Nack(figures.Links.NacksSent, "of_parents", "asked"),
        Nack(figures.Links.Repaired, "of_parents", "repaired"),
    ];

    private static Measurement<long> Nack(long value, string who, string outcome) =>
        new(value, new("who", who), new KeyValuePair<string, object?>("outcome", outcome));

    private static Measurement<long> Outcome(long value, string outcome) => new(value, new KeyValuePair<string, object?>("outcome", outcome));

    private void Count(MediaPlane plane, string name, string description, Func<MediaWorker, long> value) =>
        _meter.CreateObservableCounter(name, () => plane.Workers.Select(worker => new Measurement<long>(value(worker), Tag(worker))), null, description);
}
