namespace Broadcast.Trees.Cluster;

/// <summary>What a node can carry. Any zero means: none of it.</summary>
/// <param name="BitsPerSecond">Sent to children and viewers, bit/s.</param>
/// <param name="PacketsPerSecond">Sent to children and viewers, packets/s.</param>
/// <param name="Viewers">Connected viewers.</param>
/// <param name="MaxChildren">Relay links it feeds at the same time, all streams together.</param>
public readonly record struct NodeCapacity(double BitsPerSecond, double PacketsPerSecond, int Viewers, int MaxChildren)
{
    /// <summary>More than any machine has; a node that claims more is believed this much.</summary>
    public static readonly NodeCapacity Ceiling = new(400e9, 100e6, 1_000_000, 256);

    /// <summary>The claim made harmless: not a number and negative become 0, absurd becomes <see cref="Ceiling"/>.</summary>
    public NodeCapacity Clamped() => new(
        Clamp(BitsPerSecond, Ceiling.BitsPerSecond),
        Clamp(PacketsPerSecond, Ceiling.PacketsPerSecond),
        Math.Clamp(Viewers, 0, Ceiling.Viewers),
        Math.Clamp(MaxChildren, 0, Ceiling.MaxChildren));

    private static double Clamp(double value, double ceiling) => value > 0 ? Math.Min(value, ceiling) : 0;
}
