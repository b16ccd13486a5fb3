using Broadcast.Media.Routing;
using Broadcast.Media.Send;
using Broadcast.Rtc;

namespace Broadcast.Media.Tests.Send;

/// <summary>The pace of a newcomer who begins in the past.</summary>
public class CatchUpTests
{
    private readonly PacketLog _log = new(512 * 1024, 8 * 1024 * 1024) { KeepFrom = 0 };
    private readonly byte[] _payload = new byte[1_200];

    [Fact]
    public void Nothing_begins_without_a_keyframe_or_with_one_that_is_too_old()
    {
        Append(0, 10);
        Assert.Null(CatchUp.TryBegin(_log, -1, _log.Head, At(10)));
        Assert.Null(CatchUp.TryBegin(_log, 10, _log.Head, At(10)));
        Assert.NotNull(CatchUp.TryBegin(_log, 0, _log.Head, At(CatchUp.MaxAge.TotalMilliseconds)));
        Assert.Null(CatchUp.TryBegin(_log, 0, _log.Head, At(CatchUp.MaxAge.TotalMilliseconds + 1)));
    }

    [Fact]
    public void Hole_prevents_the_beginning_when_it_is_too_old_to_be_repaired()
    {
        Append(0, 5);
        Append(6, 5);
        Assert.NotNull(CatchUp.TryBegin(_log, 0, _log.Head, At(1_000)));
        Assert.Null(CatchUp.TryBegin(_log, 0, _log.Head, At(1_100)));
        _log.Append(5, 0, PacketFlags.Late, At(50), default, _payload);
        Assert.NotNull(CatchUp.TryBegin(_log, 0, _log.Head, At(1_100)));
    }

    [Fact]
    public void Keyframe_that_the_ring_has_lost_is_not_begun_with()
    {
        var small = new PacketLog(16 * 1024, 16 * 1024);
        for (var i = 0; i < 40; i++) small.Append(i, 0, PacketFlags.None, At(i), default, _payload);
        Assert.Null(CatchUp.TryBegin(small, 0, small.Head, At(50)));
    }

    [Theory]
    [InlineData(CatchUp.MaxPackets, 20, true)]
    [InlineData(CatchUp.MaxPackets + 1, 20, false)]
    [InlineData(3_400, 1_200, true)] // 4.08 MB
    [InlineData(3_600, 1_200, false)] // 4.32 MB
    public void Backlog_has_limits(int packets, int bytes, bool begins)
    {
        for (var i = 0; i < packets; i++) _log.Append(i, 0, PacketFlags.None, At(i), default, _payload.AsSpan(0, bytes));
        Assert.Equal(0, _log.Floor);
        Assert.Equal(begins, CatchUp.TryBegin(_log, 0, _log.Head, At(packets)) is not null);
    }

    [Fact]
    public void Newest_is_the_last_that_came_in_order()
    {
        Append(0, 5);
        _log.Append(2, 77, PacketFlags.Late, At(50), default, _payload);
        Assert.Equal(4, CatchUp.Newest(_log, _log.Head, out var packet));
        Assert.Equal(4, packet.ExtendedSequenceNumber);
        Assert.Equal(2, CatchUp.Newest(_log, 3, out _));
        Assert.Equal(-1, CatchUp.Newest(_log, 0, out _));
    }

    /// <summary>The backlog melts: in one second where it can, but never slower than 2.5 nor faster than 5 times the media.</summary>
    [Theory]
    [InlineData(2_000, 500_000, 2.5)] // the goal would be twice the media
    [InlineData(4_000, 2_000_000, 4)] // the goal itself
    [InlineData(5_900, 2_950_000, 5)] // the goal would be 5.9 times
    public void Pace_is_between_two_and_a_half_and_five_times_the_media(int age, int bytes, double times)
    {
        for (var i = 0; i < bytes / 1_000; i++) _log.Append(i, (uint)i, PacketFlags.None, At(i * 1_000.0 * age / bytes), default, _payload.AsSpan(0, 1_000));
        var catchUp = CatchUp.TryBegin(_log, 0, _log.Head, At(age))!;
        long sent = 0;
        for (var t = 0; t <= 400; t += 5)
        {
            catchUp.Earn(At(age + t), double.PositiveInfinity);
            for (; catchUp.HasBudget; sent += 1_000) catchUp.Advance(1_000);
        }

        var media = bytes / (age / 1000.0);
        Assert.InRange((sent - (17 * 1024)) / 0.4, media * times * 0.98, media * times * 1.02);
    }

    [Theory]
    [InlineData(1, 15)] // 16 KB go with it
    [InlineData(30, 44)]
    [InlineData(100, 82)] // 96 KB
    public void First_keyframe_leaves_at_once_and_the_rest_at_the_pace(int keyframePackets, int atOnce)
    {
        for (var i = 0; i < 1_000; i++) _log.Append(i, (uint)Math.Max(0, i - keyframePackets + 1), PacketFlags.None, At(i), default, _payload);
        var catchUp = CatchUp.TryBegin(_log, 0, _log.Head, At(2_000))!;
        catchUp.Earn(At(2_000), double.PositiveInfinity);
        Assert.True(catchUp.IsAtStart);
        var packets = 0;
        for (; catchUp.HasBudget; packets++) catchUp.Advance(1_200);
        Assert.Equal(atOnce, packets);
        Assert.False(catchUp.IsAtStart);
        Assert.Equal(atOnce, catchUp.Next);
        catchUp.Earn(At(2_000), double.PositiveInfinity);
        Assert.False(catchUp.HasBudget);

        // What is not used is not saved up beyond 96 KB.
        catchUp.Earn(At(60_000), double.PositiveInfinity);
        for (packets = 0; catchUp.HasBudget; packets++) catchUp.Advance(1_200);
        Assert.Equal(82, packets);
    }

    [Fact]
    public void Missing_packets_are_passed_over_unless_the_log_has_lost_them()
    {
        Append(0, 10);
        var catchUp = CatchUp.TryBegin(_log, 0, _log.Head, At(100))!;
        for (var i = 0; i < 200; i++) Assert.True(catchUp.TryPassOver());
        catchUp.Advance(100);
        for (var i = 0; i < 200; i++) Assert.True(catchUp.TryPassOver());
        Assert.False(catchUp.TryPassOver());
        Assert.Equal(402, catchUp.Next);
    }

    private void Append(long from, int count)
    {
        for (var i = from; i < from + count; i++) _log.Append(i, (uint)i, PacketFlags.None, At(i), default, _payload);
    }

    private static MonotonicTime At(double milliseconds) => MonotonicTime.FromMilliseconds(10_000 + milliseconds);
}
