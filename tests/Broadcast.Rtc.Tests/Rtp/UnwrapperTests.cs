using Broadcast.Rtc.Rtp;
using CsCheck;

namespace Broadcast.Rtc.Tests.Rtp;

public class UnwrapperTests
{
    [Fact]
    public void Sequence_numbers_go_on_across_the_wrap_in_both_directions()
    {
        var unwrapper = new SequenceNumberUnwrapper();
        Assert.False(unwrapper.HasValue);
        Assert.Equal(65_530, unwrapper.Unwrap(65_530));
        Assert.Equal(65_537, unwrapper.Unwrap(1));
        Assert.Equal(65_535, unwrapper.Unwrap(65_535));
        Assert.Equal(65_537, unwrapper.Highest);
        Assert.True(unwrapper.HasValue);
    }

    [Fact]
    public void Peek_commits_nothing()
    {
        var unwrapper = new SequenceNumberUnwrapper();
        Assert.Equal(7, unwrapper.Peek(7));
        Assert.False(unwrapper.HasValue);
        unwrapper.Unwrap(7);
        Assert.Equal(100, unwrapper.Peek(100));
        Assert.Equal(7, unwrapper.Highest);
    }

    [Fact]
    public void A_packet_from_before_the_first_one_is_extended_downwards()
    {
        var unwrapper = new SequenceNumberUnwrapper();
        unwrapper.Unwrap(0);
        Assert.Equal(-1, unwrapper.Unwrap(65_535));
        Assert.Equal(0, unwrapper.Highest);
    }

    [Fact]
    public void Half_the_range_away_counts_as_older()
    {
        var unwrapper = new SequenceNumberUnwrapper();
        unwrapper.Unwrap(40_000);
        Assert.Equal(40_000 + 32_767, unwrapper.Peek(unchecked((ushort)(40_000 + 32_767))));
        Assert.Equal(40_000 - 32_768, unwrapper.Peek(40_000 - 32_768));
    }

    [Fact]
    public void Any_walk_of_small_steps_is_followed_exactly() =>
        Gen.Select(Gen.UShort, Gen.Int[-3_000, 20_000].Array[0, 200]).Sample((start, steps) =>
        {
            var unwrapper = new SequenceNumberUnwrapper();
            long truth = start;
            unwrapper.Unwrap(start);
            var highest = truth;
            foreach (var step in steps)
            {
                truth = highest + step;
                if (unwrapper.Unwrap((ushort)truth) != truth) return false;
                highest = Math.Max(highest, truth);
            }

            return unwrapper.Highest == highest;
        });

    [Fact]
    public void IsNewer_is_right_across_the_wrap()
    {
        Assert.True(SequenceNumber.IsNewer(1, 65_535));
        Assert.False(SequenceNumber.IsNewer(65_535, 1));
        Assert.False(SequenceNumber.IsNewer(5, 5));
        Assert.Equal(2, SequenceNumber.Distance(65_535, 1));
        Assert.Equal(-2, SequenceNumber.Distance(1, 65_535));
        Assert.True(RtpTimestamp.IsNewer(1, uint.MaxValue));
        Assert.Equal(-2, RtpTimestamp.Distance(1, uint.MaxValue));
    }

    [Fact]
    public void Timestamp_ticks_convert_to_time_and_back()
    {
        Assert.Equal(3_000u, RtpTimestamp.FromNanoseconds(33_333_333, 90_000));
        Assert.Equal(unchecked((uint)-48_000), RtpTimestamp.FromNanoseconds(-1_000_000_000, 48_000));
        Assert.Equal(1_000_000_000, RtpTimestamp.ToNanoseconds(90_000, 90_000));
        Assert.Equal(-20_000_000, RtpTimestamp.ToNanoseconds(-960, 48_000));
        Gen.Select(Gen.Long[-1L << 50, 1L << 50], Gen.OneOf(8_000u, 48_000u, 90_000u)).Sample((ticks, rate) =>
            RtpTimestamp.FromNanoseconds(RtpTimestamp.ToNanoseconds(ticks % int.MaxValue, rate), rate) == (uint)(ticks % int.MaxValue));
    }
}
