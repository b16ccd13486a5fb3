using Broadcast.Media.Receive;
using Broadcast.Rtc;

namespace Broadcast.Media.Tests.Receive;

/// <summary>How long a hole is worth asking for.</summary>
public sealed class NackPatienceTests
{
    private readonly NackGenerator _nack = new();
    private readonly ushort[] _asked = new ushort[32];
    private MonotonicTime _now = MonotonicTime.Zero + TimeSpan.FromSeconds(10);

    [Theory]
    [InlineData(20, 1000, 1100)]
    [InlineData(200, 1550, 1700)]
    [InlineData(600, 2000, 2100)]
    public void Collect_HoleOpen_IsGivenUpAfterEightRoundTripsWithinLimits(int roundTripMs, int openMs, int closedMs)
    {
        Learn(TimeSpan.FromMilliseconds(roundTripMs));
        var hole = Open();
        Step(openMs);
        // A short round trip uses its ten requests up before; then no patience is left to test.
        if (roundTripMs > 40) Assert.Equal(1, _nack.Missing);
        Step(closedMs - openMs);
        Assert.Equal(0, _nack.Missing);
        Assert.Equal(hole, _nack.NewestGivenUp);
        Assert.Equal(1, _nack.GivenUp);
    }

    [Fact]
    public void Collect_TriesUsedUp_WaitsForTheLastAnswer()
    {
        var hole = Open();
        var tries = 0;
        while (tries < NackGenerator.MaxTries)
        {
            _now += TimeSpan.FromMilliseconds(1);
            tries += _nack.Collect(_now, _asked);
            if (_nack.Missing == 0) break;
        }

        // 100 ms until a round trip is measured: ten requests take 910 ms, within the patience of a second.
        Assert.Equal(NackGenerator.MaxTries, tries);
        Step(50);
        Assert.Equal(SequenceArrival.FillsGap, _nack.OnPacket(hole, _now, isRepair: true));
        Assert.Equal(0, _nack.GivenUp);
        Assert.Equal(-1, _nack.NewestGivenUp);
    }

    private long _sequence;

    /// <summary>Opens and fills holes until the round trip is known.</summary>
    private void Learn(TimeSpan roundTrip)
    {
        for (var i = 0; i < 100; i++)
        {
            var hole = Open();
            Step(11);
            _now += roundTrip;
            Assert.Equal(SequenceArrival.FillsGap, _nack.OnPacket(hole, _now, isRepair: true));
        }
    }

    private long Open()
    {
        _nack.OnPacket(_sequence, _now, isRepair: false);
        _nack.OnPacket(_sequence + 2, _now, isRepair: false);
        _sequence += 2;
        return _sequence - 1;
    }

    private void Step(int milliseconds)
    {
        for (var i = 0; i < milliseconds; i++)
        {
            _now += TimeSpan.FromMilliseconds(1);
            _nack.Collect(_now, _asked);
        }
    }
}
