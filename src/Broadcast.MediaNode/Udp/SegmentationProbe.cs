using System.Net;
using Broadcast.Media.Peers;
using Broadcast.Media.Send;
using Broadcast.Rtc;

namespace Broadcast.MediaNode.Udp;

/// <summary>Finds out once per process whether segmented sends work, by sending one over loopback.</summary>
/// <remarks>
/// That a kernel takes the option says little: sandboxes accept and ignore it. What a device on the way cannot do
/// shows later, per path (<see cref="UnsegmentedPaths"/>).
/// </remarks>
internal static class SegmentationProbe
{
    private static readonly Lazy<bool> Result = new(Probe);

    /// <summary>True when two datagrams sent as one message arrived as two.</summary>
    public static bool IsSupported => Result.Value;

    private static bool Probe()
    {
        if (!Libc.IsSupported) return false;
        var options = new DatagramSocketOptions { BindAddress = IPAddress.Loopback, ReusePort = false, Coalescing = false, Segmentation = true };
        try
        {
            using var sender = new UdpSocket(options, new MonotonicClock());
            using var receiver = new UdpSocket(options, new MonotonicClock());
            var batch = new DatagramBatch(capacityBytes: 512);
            var path = new TransportPath(receiver.LocalAddress, default);
            Append(batch, path, 100);
            Append(batch, path, 50);
            sender.Send(batch);
            return sender.Counters.SegmentedRuns == 1 && ArrivesAs(receiver, 100, 50);
        }
        catch (IOException)
        {
            return false; // no loopback: nothing to find out
        }
    }

    private static void Append(DatagramBatch batch, in TransportPath path, int length)
    {
        if (batch.TryReserve(length, out var slot))
        {
            slot.Clear();
            batch.Commit(path, length);
        }
    }

    private static bool ArrivesAs(UdpSocket receiver, params ReadOnlySpan<int> lengths)
    {
        using var poller = Poller.Create();
        poller.Add(receiver.PollTarget, 1, PollEvents.Readable);
        var batch = new ReceiveBatch(messages: 4);
        Span<Ready> ready = stackalloc Ready[1];
        var next = 0;
        while (next < lengths.Length && poller.Wait(ready, TimeSpan.FromMilliseconds(200)) > 0)
        {
            receiver.Receive(batch);
            foreach (var datagram in batch)
            {
                if (next == lengths.Length || datagram.Data.Length != lengths[next++]) return false;
            }
        }

        return next == lengths.Length;
    }
}
