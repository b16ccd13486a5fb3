using Broadcast.Rtc.Dtls;
using Broadcast.Rtc.Srtp;

namespace Broadcast.Benchmarks.Dtls;

/// <summary>CPU time of a server-side handshake and bytes of an association before and after its release.</summary>
internal static class DtlsQuick
{
    private const int Associations = 500;
    private const int Leaks = 2000;

    public static void Run()
    {
        using var loop = new DtlsLoop();
        for (var i = 0; i < 100; i++) ConnectAndRelease(loop);

        var best = double.MaxValue;
        for (var round = 0; round < 5; round++)
        {
            loop.ServerNanoseconds = 0;
            for (var i = 0; i < 200; i++) ConnectAndRelease(loop);
            best = Math.Min(best, loop.ServerNanoseconds / 200.0);
        }

        Console.WriteLine($"DTLS: {best / 1000:F0} µs of CPU per handshake on the server's end, verification, SRTP keys and release included");

        var kept = new (DtlsTransport Server, SrtpSender Sender, SrtpReceiver Receiver)[Associations];
        var native = Quick.NativeBytes;
        var managed = GC.GetTotalMemory(forceFullCollection: true);
        for (var i = 0; i < Associations; i++)
        {
            var server = loop.Connect(out var sender, out var receiver);
            kept[i] = (server, sender, receiver);
        }

        var connected = (Quick.NativeBytes - native) / Associations;
        foreach (var (server, _, _) in kept) server.ReleaseHandshake();
        var released = (Quick.NativeBytes - native) / Associations;
        var managedReleased = (GC.GetTotalMemory(forceFullCollection: true) - managed) / Associations;
        Console.WriteLine($"DTLS: {connected} native bytes per connected association, {released} after ReleaseHandshake and {managedReleased} managed");
        foreach (var (server, sender, receiver) in kept)
        {
            server.Dispose();
            sender.Dispose();
            receiver.Dispose();
        }

        native = Quick.NativeBytes;
        for (var i = 0; i < Leaks; i++) ConnectAndRelease(loop);
        Console.WriteLine($"DTLS: {Quick.NativeBytes - native} native bytes more after {Leaks} further handshakes");
        Console.WriteLine();
    }

    private static void ConnectAndRelease(DtlsLoop loop)
    {
        using var server = loop.Connect(out var sender, out var receiver);
        loop.Release(server);
        sender.Dispose();
        receiver.Dispose();
    }
}
