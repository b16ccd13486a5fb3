using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;
using Broadcast.Media.Peers;
using Broadcast.Media.Send;
using Broadcast.MediaNode;
using Broadcast.MediaNode.Udp;
using Broadcast.Rtc;

namespace Broadcast.Benchmarks;

/// <summary>CPU time of this thread per 1,200-byte datagram, sent to or received from 200 peers on loopback.</summary>
/// <remarks>
/// Over loopback the sender's thread also does the receiver's half of the kernel's work: queueing, and for a receiver
/// without UDP_GRO the cutting of segmented messages. So the rows of "peers that coalesce" are nearer to what a
/// network device costs. Peers are emptied outside the measured part.
/// </remarks>
internal static partial class UdpSendBenchmark
{
    private const int Peers = 200;
    private const int PacketBytes = 1200;

    private static double _seconds = 1;

    public static void Run(string[] args)
    {
        if (args.Length > 0) _seconds = double.Parse(args[0], CultureInfo.InvariantCulture);
        Console.WriteLine($"{"",-46} {"plain peers",14} {"peers coalesce",15}   µs CPU per packet of {PacketBytes} B, {Peers} peers");
        foreach (var withLocal in (bool[])[false, true])
        {
            var suffix = withLocal ? ", with local address" : "";
            Row($"framework socket, one by one{suffix}", new() { Portable = true }, 1, false, withLocal);
            Row($"one sendmmsg per datagram{suffix}", new(), 1, false, withLocal);
            Row($"sendmmsg, bursts of 1{suffix}", new(), 1, true, withLocal);
            Row($"sendmmsg, bursts of 9, no segmentation{suffix}", new() { Segmentation = false }, 9, true, withLocal);
            foreach (var burst in (int[])[2, 4, 9, 20, 48]) Row($"segmented runs of {burst}{suffix}", new(), burst, true, withLocal);
        }

        Console.WriteLine();
        Console.WriteLine($"{"receive",-46} {"single",14} {"runs of 9",15}");
        foreach (var (name, options) in ReceiveVariants())
        {
            Console.Write($"{name,-46}");
            foreach (var burst in (int[])[1, 9]) Console.Write($" {Receive(options, burst),14:F3}");
            Console.WriteLine();
        }
    }

    private static IEnumerable<(string Name, DatagramSocketOptions Options)> ReceiveVariants()
    {
        yield return ("framework socket", new() { Portable = true });
        yield return ("recvmmsg, nothing else", new() { Coalescing = false, KernelTime = false, LocalAddresses = false });
        yield return ("recvmmsg + kernel time", new() { Coalescing = false, LocalAddresses = false });
        yield return ("recvmmsg + local address", new() { Coalescing = false, KernelTime = false });
        yield return ("recvmmsg + both", new() { Coalescing = false });
        yield return ("recvmmsg + both + coalescing", new());
    }

    private static void Row(string name, DatagramSocketOptions options, int burst, bool batched, bool withLocal) =>
        Console.WriteLine($"{name,-46} {Send(options, burst, batched, withLocal, false),14:F3} {Send(options, burst, batched, withLocal, true),15:F3}");

    private static double Send(DatagramSocketOptions options, int burst, bool batched, bool withLocal, bool peersCoalesce)
    {
        var clock = new MonotonicClock();
        using var socket = DatagramSocket.Open(options, clock);
        var peerOptions = new DatagramSocketOptions { BindAddress = IPAddress.Loopback, Coalescing = peersCoalesce, ReusePort = false };
        var peers = Enumerable.Range(0, Peers).Select(_ => DatagramSocket.Open(peerOptions, clock)).ToArray();
        var local = withLocal ? new TransportAddress(IPAddress.Loopback, socket.LocalAddress.Port) : default;
        var paths = peers.Select(p => new TransportPath(p.LocalAddress, local)).ToArray();
        var batch = new DatagramBatch();
        var received = new ReceiveBatch();

        var datagrams = 0L;
        var spent = 0L;
        var warm = false;
        while (spent < (long)(_seconds * 1e9) || !warm)
        {
            foreach (var path in paths)
            {
                for (var i = 0; i < burst; i++)
                {
                    if (!batch.TryReserve(PacketBytes, out var slot))
                    {
                        Flush();
                        batch.TryReserve(PacketBytes, out slot);
                    }

                    slot[0] = 128;
                    batch.Commit(path, PacketBytes);
                    if (!batched) Flush();
                }
            }

            Flush();
            foreach (var peer in peers)
            {
                while (peer.Receive(received) != 0) { }
            }

            if (warm || spent < 200_000_000) continue;
            warm = true;
            spent = 0;
            datagrams = 0;
        }

        foreach (var peer in peers) peer.Dispose();
        return spent / 1e3 / datagrams;

        void Flush()
        {
            var before = ThreadCpuNanoseconds();
            datagrams += socket.Send(batch).Sent;
            spent += ThreadCpuNanoseconds() - before;
            batch.Clear();
        }
    }

    private static double Receive(DatagramSocketOptions options, int burst)
    {
        var clock = new MonotonicClock();
        using var socket = DatagramSocket.Open(options, clock);
        using var sender = DatagramSocket.Open(new(), clock);
        var path = new TransportPath(new TransportAddress(IPAddress.Loopback, socket.LocalAddress.Port), default);
        var batch = new DatagramBatch(maxSegments: burst);
        for (var i = 0; i < 180; i++)
        {
            batch.TryReserve(PacketBytes, out var slot);
            slot.Fill(1);
            batch.Commit(path, PacketBytes);
        }

        var received = new ReceiveBatch();
        var datagrams = 0L;
        var spent = 0L;
        var touched = 0;
        var warm = false;
        while (spent < (long)(_seconds * 1e9) || !warm)
        {
            sender.Send(batch);
            var before = ThreadCpuNanoseconds();
            int count;
            while ((count = socket.Receive(received)) != 0)
            {
                datagrams += count;
                foreach (var datagram in received) touched += datagram.Data[0] + datagram.Remote.Port;
            }

            spent += ThreadCpuNanoseconds() - before;
            if (warm || spent < 200_000_000) continue;
            warm = true;
            spent = 0;
            datagrams = 0;
        }

        if (touched == 0) throw new InvalidOperationException("Nothing was received.");
        return spent / 1e3 / datagrams;
    }

    private static unsafe long ThreadCpuNanoseconds()
    {
        if (!OperatingSystem.IsLinux()) return Environment.CpuUsage.TotalTime.Ticks * 100; // of the process

        // Safety: the two longs are struct timespec on 64-bit Linux, on this stack frame.
        var time = stackalloc long[2];
        return ClockGetTime(3, time) != 0 ? 0 : (time[0] * 1_000_000_000) + time[1]; // CLOCK_THREAD_CPUTIME_ID
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static unsafe partial int ClockGetTime(int clock, long* time);
}
