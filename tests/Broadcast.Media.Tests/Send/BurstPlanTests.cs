using Broadcast.Media.Routing;
using Broadcast.Media.Send;
using Broadcast.Rtc;
using CsCheck;

namespace Broadcast.Media.Tests.Send;

/// <summary>Padding that makes neighbours equally long.</summary>
public class BurstPlanTests
{
    private static PacketLog Log(params ReadOnlySpan<int> lengths)
    {
        var log = new PacketLog(1024 * 1024, 1024 * 1024);
        for (var i = 0; i < lengths.Length; i++) log.Append(i, 0, PacketFlags.None, MonotonicTime.Zero, default, new byte[lengths[i]]);
        return log;
    }

    private static int[] Padded(params int[] lengths)
    {
        var log = Log(lengths);
        var plan = new BurstPlan();
        plan.Prepare(log, 0, log.Head);
        return [.. lengths.Select((length, i) => length + plan.PaddingOf(i))];
    }

    [Fact]
    public void Nearly_equal_packets_become_equal() => Assert.Equal([1100, 1100, 1100, 1100], Padded(1099, 1100, 1099, 1100));

    [Fact]
    public void Last_packet_that_is_much_shorter_stays_short() => Assert.Equal([1100, 1100, 300], Padded(1099, 1100, 300));

    [Fact]
    public void Each_run_has_its_own_length() => Assert.Equal([500, 500, 900, 900], Padded(490, 500, 900, 880));

    [Fact]
    public void Packet_alone_gets_none() => Assert.Equal([777], Padded(777));

    [Fact]
    public void Different_extensions_are_not_made_equal()
    {
        var log = new PacketLog(64 * 1024, 64 * 1024);
        log.Append(0, 0, PacketFlags.None, MonotonicTime.Zero, [1, 1, 1], new byte[100]);
        log.Append(1, 0, PacketFlags.None, MonotonicTime.Zero, default, new byte[103]);
        var plan = new BurstPlan();
        plan.Prepare(log, 0, log.Head);
        Assert.Equal((0, 0), (plan.PaddingOf(0), plan.PaddingOf(1)));
    }

    [Fact]
    public void Positions_outside_of_the_plan_get_none()
    {
        var log = Log(100, 110, 100, 110);
        var plan = new BurstPlan();
        plan.Prepare(log, 2, 4);
        Assert.Equal((0, 10, 0, 0), (plan.PaddingOf(0), plan.PaddingOf(2), plan.PaddingOf(3), plan.PaddingOf(4)));
        plan.Prepare(log, 4, 4);
        Assert.Equal(0, plan.PaddingOf(2));
    }

    [Fact]
    public void Padding_is_never_more_than_allowed_and_never_costs_a_run() => Gen.Int[0, 1400].Array[1, 250].Sample(lengths =>
    {
        var padded = Padded(lengths);
        return Runs(padded) <= Runs(lengths) && padded.Zip(lengths).All(pair => pair.First - pair.Second is >= 0 and <= BurstPlan.MaxPadding);
    });

    /// <summary>Segmented sends that carry these packets: all equal, only the last one shorter.</summary>
    private static int Runs(int[] lengths)
    {
        var runs = 0;
        for (var i = 0; i < lengths.Length; runs++)
        {
            var segment = lengths[i++];
            while (i < lengths.Length && lengths[i] == segment) i++;
            if (i < lengths.Length && lengths[i] < segment) i++;
        }

        return runs;
    }
}
