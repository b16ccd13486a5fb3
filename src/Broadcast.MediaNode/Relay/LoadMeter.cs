using Broadcast.MediaNode.Sessions;
using Broadcast.MediaNode.Workers;
using Broadcast.RelayPlane;
using Broadcast.Rtc;

namespace Broadcast.MediaNode.Relay;

/// <summary>What the node sends and may send, over the last second. Written under the control lock, read by anybody.</summary>
internal sealed class LoadMeter
{
    /// <summary>Payload bytes of a packet of video, for estimates.</summary>
    public const int TypicalPacket = 1100;

    /// <summary>What one worker sends on one core without loss, with some reserve (docs/benchmarks.md).</summary>
    private const long PacketsPerWorker = 200_000;

    /// <summary>Without a configured uplink: what the workers could send at most counts, not the wire.</summary>
    private const long UnlimitedBits = 10_000_000_000;

    private Boxed? _latest;
    private long _packets;
    private long _bytes;
    private MonotonicTime _at;

    /// <summary>The latest sample; before the first what the node may do is not known.</summary>
    public RelayLoad Latest => Volatile.Read(ref _latest)?.Load ?? default;

    /// <summary>Takes a sample.</summary>
    public void Sample(IReadOnlyList<MediaWorker> workers, MediaNodeOptions options, IReadOnlyCollection<NodeStream> streams, MonotonicTime now)
    {
        long packets = 0, bytes = 0;
        double busy = 0;
        foreach (var worker in workers)
        {
            packets += worker.Counters.SentDatagrams;
            bytes += worker.Counters.SentBytes;
            busy = Math.Max(busy, worker.Load);
        }

        var seconds = _at == MonotonicTime.Zero ? 0 : (now - _at).TotalSeconds;
        var load = new RelayLoad
        {
            BitsPerSecond = seconds > 0 ? (long)((bytes - _bytes) * 8 / seconds) : 0,
            PacketsPerSecond = seconds > 0 ? (long)((packets - _packets) / seconds) : 0,
            Viewers = streams.Sum(stream => stream.Live.Viewers),
            Children = streams.Sum(stream => stream.Live.Children),
            CapacityBitsPerSecond = options.UplinkBitsPerSecond > 0 ? options.UplinkBitsPerSecond : UnlimitedBits,
            // The relay worker, where there is one, sends next to nothing.
            CapacityPacketsPerSecond = (options.Relays ? workers.Count - 1 : workers.Count) * PacketsPerWorker,
            CapacityViewers = options.MaxSessions,
            CapacityChildren = options.MaxChildren,
            Busy = Math.Clamp(busy, 0, 1),
        };
        (_packets, _bytes, _at) = (packets, bytes, now);
        Volatile.Write(ref _latest, new Boxed(load));
    }

    private sealed record Boxed(RelayLoad Load);
}
