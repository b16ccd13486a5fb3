using System.Globalization;

namespace Broadcast.LoadTest.Report;

/// <summary>CPU time and memory of processes, from Linux' /proc.</summary>
internal sealed class ProcessSampler(IReadOnlyList<int> processes)
{
    // USER_HZ: 100 on every architecture .NET runs on.
    private const long TicksPerSecond = 100;

    /// <summary>Sums over all processes.</summary>
    /// <param name="Cpu">User and system time of all threads since the process began, ended ones included.</param>
    /// <param name="ResidentBytes">Resident set.</param>
    public readonly record struct Sample(TimeSpan Cpu, long ResidentBytes);

    /// <summary>There is something to measure.</summary>
    public bool IsActive => processes.Count > 0;

    /// <summary>Reads the present figures; processes that are gone count nothing.</summary>
    public Sample Read()
    {
        var cpu = TimeSpan.Zero;
        var resident = 0L;
        foreach (var process in processes)
        {
            if (!TryReadFields(process, out var fields)) continue;

            // proc(5): utime and stime are fields 14 and 15, rss in pages is 24; `fields` begins with field 3.
            cpu += TimeSpan.FromTicks((Number(fields[11]) + Number(fields[12])) * (TimeSpan.TicksPerSecond / TicksPerSecond));
            resident += Number(fields[21]) * Environment.SystemPageSize;
        }

        return new Sample(cpu, resident);
    }

    private static bool TryReadFields(int process, out string[] fields)
    {
        fields = [];
        try
        {
            var text = File.ReadAllText($"/proc/{process}/stat");
            fields = text[(text.LastIndexOf(')') + 2)..].Split(' '); // the name may hold anything, also spaces
            return fields.Length > 21;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static long Number(string field) => long.Parse(field, CultureInfo.InvariantCulture);
}
