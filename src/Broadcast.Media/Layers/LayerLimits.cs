namespace Broadcast.Media.Layers;

/// <summary>What holds for every viewer of a stream, or of the node, whatever it wishes. Immutable.</summary>
public sealed record LayerLimits
{
    /// <summary>No limits.</summary>
    public static readonly LayerLimits None = new();

    /// <summary>Pixels down of the best quality; 0 for no limit.</summary>
    public int MaxHeight { get; init; }

    /// <summary>Bits per second of video to one viewer; 0 for no limit.</summary>
    public long MaxBitsPerSecond { get; init; }
}
