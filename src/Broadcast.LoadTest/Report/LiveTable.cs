using System.Globalization;
using Broadcast.Client.Connections;
using Broadcast.MediaNode;

namespace Broadcast.LoadTest.Report;

/// <summary>One line a second while a run lasts.</summary>
internal sealed class LiveTable(TextWriter output, ProcessSampler server, Func<LoopCounters> totals, Func<(int Joined, int Playing)> viewers)
{
    private const int LinesPerHead = 20;

    private long _lastPackets;
    private long _lastBytes;
    private TimeSpan _lastCpu;
    private TimeSpan _lastOwnCpu = Environment.CpuUsage.TotalTime;
    private long _lastAt = MonotonicClock.Now().Nanoseconds;
    private int _lines;

    /// <summary>Prints until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
        try
        {
            while (await timer.WaitForNextTickAsync(cancellation)) Print();
        }
        catch (OperationCanceledException)
        {
            // The run is over.
        }
    }

    private void Print()
    {
        if (_lines++ % LinesPerHead == 0) output.WriteLine("  joined playing  packets/s   Mbit/s     lost repaired  delay p50/p99 ms  server µs/pkt  cores  RSS MB  own cores");
        var now = MonotonicClock.Now().Nanoseconds;
        var seconds = (now - _lastAt) / 1e9;
        var total = totals();
        var (joined, playing) = viewers();
        var packets = total.MediaPackets - _lastPackets;
        var bytes = total.MediaBytes - _lastBytes;
        var ownCpu = Environment.CpuUsage.TotalTime;
        var sample = server.Read();
        var cpu = _lastCpu == TimeSpan.Zero ? TimeSpan.Zero : sample.Cpu - _lastCpu;
        var cost = packets == 0 || cpu == TimeSpan.Zero ? "-" : Text(cpu.TotalMicroseconds / packets, "0.00");
        output.WriteLine(
            $"{joined,8} {playing,7} {Text(packets / seconds, "0"),10} {Text(bytes * 8 / seconds / 1e6, "0.0"),8} {total.Lost,8} {total.Repaired,8} "
            + $"{Text(total.Delay.Percentile(0.5), "0.00"),8} /{Text(total.Delay.Percentile(0.99), "0.00"),7} {cost,14} "
            + $"{Text(cpu.TotalSeconds / seconds, "0.00"),6} {Text(sample.ResidentBytes / 1048576.0, "0"),7} {Text((ownCpu - _lastOwnCpu).TotalSeconds / seconds, "0.00"),10}");
        (_lastAt, _lastPackets, _lastBytes, _lastCpu, _lastOwnCpu) = (now, total.MediaPackets, total.MediaBytes, sample.Cpu, ownCpu);
    }

    private static string Text(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? "-";
}
