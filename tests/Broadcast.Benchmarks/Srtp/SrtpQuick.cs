using Broadcast.Rtc.Srtp;

namespace Broadcast.Benchmarks.Srtp;

/// <summary>Nanoseconds per packet and bytes per session of SRTP.</summary>
internal static class SrtpQuick
{
    private const int Sessions = 1000;

    private static readonly SrtpProfile[] Profiles = [SrtpProfile.AeadAes128Gcm, SrtpProfile.AeadAes256Gcm, SrtpProfile.Aes128CmSha1_80];

    public static void Run()
    {
        Console.WriteLine("SRTP, packets of 1,200 bytes: CPU ns per packet (managed bytes allocated)");
        Console.WriteLine("profile            1 context   200 contexts, bursts of 9   unprotect   RTCP protect   RTCP unprotect");
        foreach (var profile in Profiles)
        {
            Console.WriteLine(
                $"{profile,-16} {Cell(Protect(profile, 1))} {Cell(Protect(profile, 200)),27} {Cell(Unprotect(profile))} "
                + $"{Cell(ProtectRtcp(profile)),14} {Cell(UnprotectRtcp(profile)),16}");
        }

        Console.WriteLine();
        Console.WriteLine("bytes per viewer session (RTP sent, RTCP sent and received): native + managed");
        foreach (var profile in Profiles)
        {
            var (native, managed) = SessionBytes(profile);
            Console.WriteLine($"{profile,-16} {native,6} + {managed}");
        }

        Console.WriteLine();
    }

    private static string Cell((double Nanoseconds, long Allocated) figure) => $"{figure.Nanoseconds,8:F0} ({figure.Allocated})";

    private static (double, long) Protect(SrtpProfile profile, int viewers)
    {
        using var burst = new SrtpBurst(profile, viewers);
        var rounds = 40_000 / burst.Packets;
        return Quick.Measure(rounds * burst.Packets, () =>
        {
            for (var i = 0; i < rounds; i++) burst.Protect();
        });
    }

    private static (double, long) Unprotect(SrtpProfile profile)
    {
        const int packets = 10_000;
        var (sender, receiver) = Pair(profile);
        using var _ = sender;
        using var __ = receiver;
        var prepared = new byte[packets][];
        var sequence = 0;
        var work = new byte[SrtpLimits.MaxPacketLength];
        for (var i = 0; i < packets; i++) prepared[i] = new byte[1200 + SrtpLimits.MaxRtpOverhead];

        // Receiving consumes packets, so each round gets fresh ones; only the receiving is timed.
        double best = double.MaxValue;
        long allocated = 0;
        for (var round = 0; round < 10; round++)
        {
            var length = 0;
            for (var i = 0; i < packets; i++)
            {
                prepared[i][0] = 0x80;
                prepared[i][2] = (byte)(sequence >> 8);
                prepared[i][3] = (byte)sequence;
                length = sender.ProtectRtp(prepared[i], 12, 1200, (uint)(sequence++ >> 16));
            }

            Thread.Sleep(50);
            var before = GC.GetAllocatedBytesForCurrentThread();
            var start = Quick.CpuNanoseconds;
            for (var i = 0; i < packets; i++)
            {
                prepared[i].AsSpan(0, length).CopyTo(work);
                var reason = receiver.UnprotectRtp(work.AsSpan(0, length), out var _, out var _);
                if (reason != Rtc.DropReason.None) throw new InvalidOperationException($"Dropped: {reason}.");
            }

            best = Math.Min(best, (double)(Quick.CpuNanoseconds - start) / packets);
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        return (best, allocated);
    }

    private static (double, long) ProtectRtcp(SrtpProfile profile)
    {
        var (sender, receiver) = Pair(profile);
        using var _ = sender;
        using var __ = receiver;
        var packet = new byte[128];
        packet[0] = 0x81;
        return Quick.Measure(20_000, () =>
        {
            for (var i = 0; i < 20_000; i++) sender.ProtectRtcp(packet, 60);
        });
    }

    private static (double, long) UnprotectRtcp(SrtpProfile profile)
    {
        var (sender, receiver) = Pair(profile);
        using var _ = sender;
        using var __ = receiver;
        var packet = new byte[128];
        var work = new byte[128];
        packet[0] = 0x81;
        var protect = ProtectRtcp(profile);
        var both = Quick.Measure(20_000, () =>
        {
            for (var i = 0; i < 20_000; i++)
            {
                packet[0] = 0x81;
                var length = sender.ProtectRtcp(packet, 60);
                packet.CopyTo(work, 0);
                receiver.UnprotectRtcp(work.AsSpan(0, length), out var _);
            }
        });
        return (both.Nanoseconds - protect.Item1, both.AllocatedBytes);
    }

    private static (long Native, long Managed) SessionBytes(SrtpProfile profile)
    {
        var sessions = new (SrtpSender Sender, SrtpReceiver Receiver)[Sessions];
        var packet = new byte[1300];
        var native = Quick.NativeBytes;
        var managed = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < Sessions; i++)
        {
            var (sender, receiver) = sessions[i] = Pair(profile);
            packet[0] = 0x80;
            sender.ProtectRtp(packet, 12, 1200, 0);
            var length = sender.ProtectRtcp(packet, 60);
            receiver.UnprotectRtcp(packet.AsSpan(0, length), out var _);
        }

        managed = GC.GetAllocatedBytesForCurrentThread() - managed;
        native = Quick.NativeBytes - native;
        foreach (var (sender, receiver) in sessions)
        {
            sender.Dispose();
            receiver.Dispose();
        }

        // Key and salt buffers of Pair are garbage at once.
        return (native / Sessions, (managed / Sessions) - 80);
    }

    private static (SrtpSender Sender, SrtpReceiver Receiver) Pair(SrtpProfile profile)
    {
        var key = new byte[profile.MasterKeyLength()];
        var salt = new byte[profile.MasterSaltLength()];
        return (new SrtpSender(profile, key, salt), new SrtpReceiver(profile, key, salt));
    }
}
