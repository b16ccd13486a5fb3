namespace Broadcast.Trees;

/// <summary>What one copy of a stream costs whoever sends it.</summary>
/// <param name="BitsPerSecond">bit/s, all layers that travel.</param>
/// <param name="PacketsPerSecond">packets/s.</param>
public readonly record struct StreamDemand(double BitsPerSecond, double PacketsPerSecond)
{
    /// <summary>720p with sound, for streams nobody has measured yet.</summary>
    public static readonly StreamDemand Usual = new(2_600_000, 330);

    /// <summary>The claim made harmless: what is not positive becomes <see cref="Usual"/>, for no stream is free.</summary>
    public StreamDemand Clamped() => new(
        BitsPerSecond > 0 ? Math.Min(BitsPerSecond, 1e9) : Usual.BitsPerSecond,
        PacketsPerSecond > 0 ? Math.Min(PacketsPerSecond, 1e6) : Usual.PacketsPerSecond);
}
