using Broadcast.Rtc;
using Broadcast.Testing;

namespace Broadcast.Media.Tests.Congestion.Network;

/// <summary>A download beside: fills the queue until it overflows, then halves its window (slow start and congestion avoidance of RFC 5681).</summary>
public sealed class TcpFlow
{
    private const int PacketBytes = 1500;

    private readonly VirtualClock _clock;
    private readonly VirtualLink _link;
    private double _window = 10;
    private double _threshold = double.PositiveInfinity;
    private int _inFlight;
    private MonotonicTime _lastHalved;

    /// <summary>Begins to send at once.</summary>
    public TcpFlow(VirtualClock clock, VirtualLink link)
    {
        (_clock, _link) = (clock, link);
        clock.After(TimeSpan.Zero, Fill);
    }

    /// <summary>False when it has nothing more to send.</summary>
    public bool IsActive { get; set; } = true;

    /// <summary>Bytes that arrived.</summary>
    public long Bytes { get; private set; }

    /// <summary>Packets lost.</summary>
    public long Lost { get; private set; }

    private TimeSpan RoundTrip => (2 * _link.Delay) + _link.QueueDelay;

    private void Fill()
    {
        while (IsActive && _inFlight < _window)
        {
            _inFlight++;
            if (_link.Send(PacketBytes, OnArrival)) continue;

            // What was sent after it tells of the loss a round trip later.
            _clock.After(RoundTrip, OnLoss);
        }
    }

    private void OnArrival(MonotonicTime now)
    {
        Bytes += PacketBytes;
        _clock.After(_link.Delay, () =>
        {
            _inFlight--;
            _window += _window < _threshold ? 1 : 1 / _window;
            Fill();
        });
    }

    private void OnLoss()
    {
        _inFlight--;
        Lost++;
        if (_clock.Now - _lastHalved > RoundTrip)
        {
            _lastHalved = _clock.Now;
            _threshold = _window = Math.Max(2, _window / 2);
        }

        Fill();
    }
}
