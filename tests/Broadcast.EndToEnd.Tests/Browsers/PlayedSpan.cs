namespace Broadcast.EndToEnd.Tests.Browsers;

/// <summary>What <c>e2e.steady()</c> found out about a span of playing.</summary>
public sealed class PlayedSpan
{
    /// <summary>Enough frames and sound, no freeze, no loss.</summary>
    public bool Clean { get; set; }

    public int Frames { get; set; }

    public int Freezes { get; set; }

    public int VideoLost { get; set; }

    public int AudioLost { get; set; }

    public int AudioPackets { get; set; }

    public double Energy { get; set; }

    public string? VideoCodec { get; set; }

    public string? AudioCodec { get; set; }

    public int Width { get; set; }

    public int Height { get; set; }

    public override string ToString() =>
        $"{Frames} frames of {Width} × {Height} {VideoCodec}, {Freezes} freezes, {VideoLost} + {AudioLost} packets lost, "
        + $"{AudioPackets} packets of {AudioCodec}, energy {Energy}";
}
