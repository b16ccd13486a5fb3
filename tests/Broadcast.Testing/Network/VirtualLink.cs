using Broadcast.Rtc;

namespace Broadcast.Testing.Network;

/// <summary>One direction between a peer and the server.</summary>
public sealed class VirtualLink(VirtualClock clock, Random random)
{
    private bool _inBurst;
    private MonotonicTime _lastArrival;
    private MonotonicTime _busyUntil;

    /// <summary>May be changed at any time; what is under way is not affected.</summary>
    public LinkConditions Conditions { get; set; } = LinkConditions.Good;

    /// <summary>Decides about single datagrams before the conditions do: true loses it. Null for none.</summary>
    public Func<ReadOnlyMemory<byte>, bool>? Filter { get; set; }

    /// <summary>Datagrams given to this link.</summary>
    public long Sent { get; private set; }

    /// <summary>Datagrams that never arrived.</summary>
    public long Lost { get; private set; }

    /// <summary>Sends a datagram.</summary>
    /// <param name="datagram">Kept until it is delivered; not to be changed.</param>
    /// <param name="deliver">Called for each arrival with a copy of its own, as receivers decrypt in place.</param>
    public void Send(byte[] datagram, Action<byte[]> deliver)
    {
        Sent++;
        var conditions = Conditions;
        if (Filter?.Invoke(datagram) == true || IsLost(conditions) || !TryQueue(conditions, datagram.Length, out var departure))
        {
            Lost++;
            return;
        }

        var arrival = departure + conditions.Delay + (conditions.Jitter * random.NextDouble());
        if (conditions.Reordering > 0 && random.NextDouble() < conditions.Reordering)
        {
            arrival += conditions.ReorderDelay;
        }
        else
        {
            arrival = MonotonicTime.Max(arrival, _lastArrival);
            _lastArrival = arrival;
        }

        clock.At(arrival, () => deliver((byte[])datagram.Clone()));
        if (conditions.Duplication > 0 && random.NextDouble() < conditions.Duplication)
        {
            clock.At(arrival + TimeSpan.FromMilliseconds(random.Next(0, 30)), () => deliver((byte[])datagram.Clone()));
        }
    }

    private bool IsLost(LinkConditions conditions)
    {
        if (conditions.Bursts is { } bursts)
        {
            _inBurst = random.NextDouble() < (_inBurst ? 1 - bursts.ToGood : bursts.ToBad);
            if (_inBurst && random.NextDouble() < bursts.LossWhenBad) return true;
        }

        return conditions.Loss > 0 && random.NextDouble() < conditions.Loss;
    }

    /// <summary>A slow link sends one datagram after the other and holds what waits.</summary>
    private bool TryQueue(LinkConditions conditions, int length, out MonotonicTime departure)
    {
        departure = clock.Now;
        if (conditions.BitsPerSecond == 0) return true;
        var start = MonotonicTime.Max(clock.Now, _busyUntil);
        if ((start - clock.Now).TotalSeconds * conditions.BitsPerSecond / 8 + length > conditions.QueueBytes) return false;
        departure = _busyUntil = start + TimeSpan.FromSeconds(length * 8.0 / conditions.BitsPerSecond);
        return true;
    }
}
