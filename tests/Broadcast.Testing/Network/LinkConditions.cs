namespace Broadcast.Testing.Network;

/// <summary>What one direction of a path does to datagrams.</summary>
public sealed record LinkConditions
{
    /// <summary>10 ms and nothing else.</summary>
    public static readonly LinkConditions Good = new();

    /// <summary>Share of datagrams lost independently, 0 to 1.</summary>
    public double Loss { get; init; }

    /// <summary>Loss in bursts, besides <see cref="Loss"/>; null for none.</summary>
    public GilbertLoss? Bursts { get; init; }

    /// <summary>One-way delay.</summary>
    public TimeSpan Delay { get; init; } = TimeSpan.FromMilliseconds(10);

    /// <summary>Added to the delay, evenly distributed from zero to this; the order is kept.</summary>
    public TimeSpan Jitter { get; init; }

    /// <summary>Share of datagrams that are overtaken by what is sent in the following <see cref="ReorderDelay"/>.</summary>
    public double Reordering { get; init; }

    /// <summary>How much later a reordered datagram comes.</summary>
    public TimeSpan ReorderDelay { get; init; } = TimeSpan.FromMilliseconds(8);

    /// <summary>Share of datagrams that arrive twice.</summary>
    public double Duplication { get; init; }

    /// <summary>Capacity; 0 for unlimited.</summary>
    public long BitsPerSecond { get; init; }

    /// <summary>Bytes that may wait for a slow link; what comes then is lost.</summary>
    public int QueueBytes { get; init; } = 64 * 1024;

    /// <summary>Loss and delay, the usual pair.</summary>
    public static LinkConditions Lossy(double loss, double delayMilliseconds) =>
        new() { Loss = loss, Delay = TimeSpan.FromMilliseconds(delayMilliseconds) };
}

/// <summary>The two-state model of Gilbert and Elliott.</summary>
/// <param name="ToBad">Chance per datagram to enter the bad state.</param>
/// <param name="ToGood">Chance per datagram to leave it; its inverse is the mean length of a burst.</param>
/// <param name="LossWhenBad">Chance to be lost in the bad state.</param>
public sealed record GilbertLoss(double ToBad, double ToGood, double LossWhenBad = 1);
