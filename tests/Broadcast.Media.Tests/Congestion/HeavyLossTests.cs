using Broadcast.Media.Congestion;
using Broadcast.Rtc;

namespace Broadcast.Media.Tests.Congestion;

/// <summary>When loss is a queue that overflows.</summary>
public class HeavyLossTests
{
    private HeavyLoss _loss;
    private MonotonicTime _now = MonotonicTime.FromMilliseconds(50_000);

    [Theory]
    [InlineData(10, false)] // a bad radio
    [InlineData(4, false)]
    [InlineData(3, true)]
    [InlineData(2, true)]
    public void More_than_a_quarter_lost_is_heavy(int oneOf, bool isHeavy)
    {
        Send(packets: 60, oneOf);
        Assert.Equal(isHeavy, _loss.IsPresent);
    }

    [Fact]
    public void A_few_packets_say_nothing()
    {
        Send(packets: 39, oneOf: 1);
        Assert.False(_loss.IsPresent);
        Send(packets: 1, oneOf: 1);
        Assert.True(_loss.IsPresent);
    }

    [Fact]
    public void What_was_acted_upon_is_not_judged_again()
    {
        Send(packets: 60, oneOf: 2);
        var late = _now;
        _now += TimeSpan.FromMilliseconds(500);
        _loss.BeginAt(_now);
        Assert.False(_loss.IsPresent);
        for (var i = 0; i < 100; i++) _loss.Add(new PacketResult(late, 1200, 0, default, false));
        Assert.False(_loss.IsPresent);
    }

    [Fact]
    public void It_is_judged_anew_after_two_seconds()
    {
        Send(packets: 60, oneOf: 2);
        _now += TimeSpan.FromSeconds(2);
        Send(packets: 39, oneOf: 2);
        Assert.False(_loss.IsPresent);
        Send(packets: 1, oneOf: 2);
        Assert.True(_loss.IsPresent);
    }

    private void Send(int packets, int oneOf)
    {
        for (var i = 1; i <= packets; i++)
        {
            _now += TimeSpan.FromMilliseconds(1);
            _loss.Add(new PacketResult(_now, 1200, 0, _now, i % oneOf != 0));
        }
    }
}
