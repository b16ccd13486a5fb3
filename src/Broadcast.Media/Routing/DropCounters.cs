using Broadcast.Rtc;

namespace Broadcast.Media.Routing;

/// <summary>How often each <see cref="DropReason"/> occurred. Written by one worker, read by anybody (a torn read cannot happen on 64-bit machines).</summary>
public sealed class DropCounters
{
    private readonly long[] _counts = new long[Enum.GetValues<DropReason>().Length];

    /// <summary>Counts one drop.</summary>
    public void Count(DropReason reason) => _counts[(int)reason]++;

    /// <summary>Counts several drops of one reason.</summary>
    public void Count(DropReason reason, long drops) => _counts[(int)reason] += drops;

    /// <summary>How often a reason occurred.</summary>
    public long this[DropReason reason] => Volatile.Read(ref _counts[(int)reason]);
}
