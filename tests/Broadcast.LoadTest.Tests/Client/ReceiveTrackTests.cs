using Broadcast.Client.Connections;
using Broadcast.Rtc;

namespace Broadcast.LoadTest.Tests.Client;

public class ReceiveTrackTests
{
    private static readonly TimeSpan Again = TimeSpan.FromMilliseconds(100);
    private readonly ReceiveTrack _track = new(90_000);

    [Fact]
    public void Missing_packets_are_asked_for_again_and_given_up_after_a_second()
    {
        Receive(0, 65_534, 1);
        Span<ushort> due = stackalloc ushort[8];
        Assert.Equal(0, _track.Missing.TakeDue(At(5), Again, due));
        Assert.Equal(2, _track.Missing.TakeDue(At(10), Again, due));
        Assert.Equal([65_535, 0], due[..2].ToArray());
        Assert.Equal(0, _track.Missing.TakeDue(At(50), Again, due));
        Assert.Equal(2, _track.Missing.TakeDue(At(110), Again, due));
        Assert.Equal(0, _track.Missing.TakeDue(At(1_000), Again, due[..0]));
        Assert.Equal(2, _track.Missing.GivenUp);
        Assert.Equal(MonotonicTime.Never, _track.Missing.NextDue);
    }

    [Fact]
    public void A_recovered_packet_fills_its_hole_once()
    {
        Receive(0, 10, 13);
        Assert.False(_track.HasAll(10, 13));
        Assert.Equal(ReceiveTrack.Verdict.Repair, _track.Recover(11, At(1)));
        Assert.Equal(ReceiveTrack.Verdict.Duplicate, _track.Recover(11, At(1)));
        Assert.Equal(ReceiveTrack.Verdict.Repair, _track.Receive(7, 12, 0, At(1)));
        Assert.True(_track.HasAll(10, 13));
        Assert.Equal(MonotonicTime.Never, FirstDue());
    }

    [Fact]
    public void Packets_before_the_first_one_are_not_missing()
    {
        Receive(0, 100, 101);
        Assert.Equal(MonotonicTime.Never, FirstDue());
        Assert.Equal(ReceiveTrack.Verdict.Duplicate, _track.Receive(7, 99, 0, At(1)));
    }

    [Fact]
    public void Reports_count_what_is_missing_since_the_last_one()
    {
        Receive(0, 1, 2, 3, 5);
        var first = _track.Report(At(1));
        Assert.Equal(1, first.CumulativeLost);
        Assert.Equal(256 / 5, first.FractionLost);
        Receive(2, 6, 7);
        var second = _track.Report(At(3));
        Assert.Equal(0, second.FractionLost);
        Assert.Equal(1, second.CumulativeLost);
        Assert.Equal(7u, second.ExtendedHighestSequenceNumber);
    }

    [Fact]
    public void What_cannot_be_asked_for_wakes_nobody_before_it_is_given_up()
    {
        Receive(0, 1, 3);
        Assert.Equal(0, _track.Missing.TakeDue(At(20), Again, default));
        Assert.Equal(At(1_000), _track.Missing.NextDue);
    }

    [Fact]
    public void A_keyframe_is_complete_when_its_last_hole_is_filled()
    {
        var watch = new KeyframeWatch(CodecKind.Vp8);
        byte[] start = [0x10, 0], middle = [0x00, 0];
        Receive(0, 20, 22);
        watch.Receive(20, 5, false, start);
        watch.Receive(22, 5, true, middle);
        Assert.False(watch.IsComplete(_track));
        _track.Recover(21, At(1));
        watch.Receive(21, 5, false, middle);
        Assert.True(watch.IsComplete(_track));
    }

    [Fact]
    public void A_stream_that_begins_within_a_group_of_pictures_needs_a_keyframe()
    {
        var watch = new KeyframeWatch(CodecKind.Vp8);
        watch.Receive(20, 5, true, [0x10, 1]);
        Assert.True(watch.NeedsKeyframe);
    }

    private static MonotonicTime At(double milliseconds) => MonotonicTime.FromMilliseconds(milliseconds);

    private MonotonicTime FirstDue()
    {
        _track.Missing.TakeDue(At(0), Again, default);
        return _track.Missing.NextDue;
    }

    private void Receive(double milliseconds, params ushort[] numbers)
    {
        foreach (var number in numbers) _track.Receive(7, number, 0, At(milliseconds));
    }
}
