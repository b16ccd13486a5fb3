using Broadcast.Rtc;
using Broadcast.Testing;
using Broadcast.Testing.Network;

namespace Broadcast.Media.Tests.Congestion.Network;

/// <summary>A bottleneck that flows share: a queue in front of a line of so many bits per second, and what goes wrong on the way.</summary>
/// <remarks>
/// All may be changed at any time; a new capacity holds from the next packet that leaves the queue. The order of packets is kept.
/// What is lost at random never enters the queue. Everything follows from the seed.
/// </remarks>
public sealed class VirtualLink(VirtualClock clock, int seed)
{
    private readonly Queue<(int Bytes, Action<MonotonicTime> Deliver)> _queue = new();
    private readonly Random _random = new(seed);
    private bool _isBusy;
    private bool _inBurst;
    private MonotonicTime _lastArrival;

    /// <summary>Capacity; 0 for unlimited.</summary>
    public long BitsPerSecond { get; set; }

    /// <summary>One way, without what the queue adds.</summary>
    public TimeSpan Delay { get; set; } = TimeSpan.FromMilliseconds(25);

    /// <summary>The longest that a packet may have to wait at the present capacity; what would wait longer is dropped.</summary>
    public TimeSpan MaxQueue { get; set; } = TimeSpan.FromMilliseconds(300);

    /// <summary>Share of packets lost independently.</summary>
    public double Loss { get; set; }

    /// <summary>Loss in bursts, besides <see cref="Loss"/>; null for none.</summary>
    public GilbertLoss? Bursts { get; set; }

    /// <summary>Added to the delay, evenly distributed from zero to this.</summary>
    public TimeSpan Jitter { get; set; }

    /// <summary>Drops what exceeds a rate instead of queueing it; null for none.</summary>
    public Policer? Policer { get; set; }

    /// <summary>True while nothing gets through.</summary>
    public bool IsOut { get; set; }

    /// <summary>Packets given to the link.</summary>
    public long Sent { get; private set; }

    /// <summary>Lost at random or in an outage.</summary>
    public long Lost { get; private set; }

    /// <summary>Dropped because the queue was full.</summary>
    public long Overflowed { get; private set; }

    /// <summary>Dropped by the policer.</summary>
    public long Policed { get; private set; }

    /// <summary>Bytes that wait.</summary>
    public int QueuedBytes { get; private set; }

    /// <summary>How long what waits now takes.</summary>
    public TimeSpan QueueDelay => BitsPerSecond == 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(QueuedBytes * 8.0 / BitsPerSecond);

    /// <summary>Sends a packet.</summary>
    /// <param name="bytes">Its size.</param>
    /// <param name="deliver">Called when it arrives.</param>
    /// <returns>False when it will not arrive; the sender of a test that is to be honest does not look.</returns>
    public bool Send(int bytes, Action<MonotonicTime> deliver)
    {
        Sent++;
        if (IsOut || IsLost())
        {
            Lost++;
            return false;
        }

        if (Policer?.TryPass(bytes, clock.Now) == false)
        {
            Policed++;
            return false;
        }

        if (BitsPerSecond > 0 && QueueDelay > MaxQueue)
        {
            Overflowed++;
            return false;
        }

        _queue.Enqueue((bytes, deliver));
        QueuedBytes += bytes;
        if (!_isBusy) Serve();
        return true;
    }

    private void Serve()
    {
        while (_queue.TryPeek(out var head))
        {
            if (BitsPerSecond > 0)
            {
                _isBusy = true;
                clock.At(new MonotonicTime(clock.Now.Nanoseconds + (head.Bytes * 8_000_000_000L / BitsPerSecond)), () =>
                {
                    _isBusy = false;
                    Depart();
                    Serve();
                });
                return;
            }

            Depart();
        }
    }

    private void Depart()
    {
        var (bytes, deliver) = _queue.Dequeue();
        QueuedBytes -= bytes;
        _lastArrival = MonotonicTime.Max(_lastArrival, clock.Now + Delay + (Jitter * _random.NextDouble()));
        var arrival = _lastArrival;
        clock.At(arrival, () => deliver(arrival));
    }

    private bool IsLost()
    {
        if (Bursts is { } bursts)
        {
            _inBurst = _random.NextDouble() < (_inBurst ? 1 - bursts.ToGood : bursts.ToBad);
            if (_inBurst && _random.NextDouble() < bursts.LossWhenBad) return true;
        }

        return Loss > 0 && _random.NextDouble() < Loss;
    }
}
