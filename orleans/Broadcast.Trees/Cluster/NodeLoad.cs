namespace Broadcast.Trees.Cluster;

/// <summary>What a node measured of itself, a report ago.</summary>
/// <param name="BitsPerSecond">Sent, bit/s.</param>
/// <param name="PacketsPerSecond">Sent, packets/s.</param>
/// <param name="Viewers">Connected viewers.</param>
/// <param name="Children">Relay links fed, all streams together.</param>
/// <param name="CpuBusy">Share of its processors that is busy, 0 to 1.</param>
public readonly record struct NodeLoad(double BitsPerSecond, double PacketsPerSecond, int Viewers, int Children, double CpuBusy)
{
    /// <summary>The claim made harmless: negative becomes 0, not a number "busy".</summary>
    public NodeLoad Clamped() => new(
        Clamp(BitsPerSecond, NodeCapacity.Ceiling.BitsPerSecond),
        Clamp(PacketsPerSecond, NodeCapacity.Ceiling.PacketsPerSecond),
        Math.Clamp(Viewers, 0, NodeCapacity.Ceiling.Viewers),
        Math.Clamp(Children, 0, NodeCapacity.Ceiling.MaxChildren),
        Clamp(CpuBusy, 1));

    private static double Clamp(double value, double ceiling) => double.IsNaN(value) ? ceiling : Math.Clamp(value, 0, ceiling);
}
