namespace Broadcast.Client.Media;

/// <summary>Three temporal layers in the order 0 2 1 2, as browsers publish VP8; the encoded file itself does not say which frame is of which.</summary>
internal static class TemporalPattern
{
    /// <summary>Frames after which it begins again; keyframes are at its beginning.</summary>
    public const int Period = 4;

    private static readonly int[] Ids = [0, 2, 1, 2];

    /// <summary>FFmpeg's option for libvpx; each layer's rate includes those below.</summary>
    public static string EncoderOption(int bitsPerSecond) =>
        $"ts_number_layers=3:ts_target_bitrate={bitsPerSecond / 2500},{bitsPerSecond / 5 * 3 / 1000},{bitsPerSecond / 1000}:ts_rate_decimator=4,2,1:ts_periodicity={Period}:ts_layer_id={string.Join(',', Ids)}:ts_layering_mode=3";

    /// <summary>The temporal layer of a frame, by its number in the file.</summary>
    public static int IdAt(int frame) => Ids[frame % Period];

    /// <summary>True when a frame refers to layer 0 only: the first 2 and the 1.</summary>
    public static bool IsSyncAt(int frame) => frame % Period is 1 or 2;
}
