using Broadcast.Rtc.HeaderExtensions;

namespace Broadcast.Media.Send;

/// <summary>How long a player may hold pictures back, as the playout-delay extension says it.</summary>
/// <param name="Minimum">In units of 10 ms, 0 to 4095.</param>
/// <param name="Maximum">In units of 10 ms, up to 4095.</param>
public readonly record struct PlayoutLimits(int Minimum, int Maximum)
{
    /// <summary>Show each picture as soon as it is decoded: while catching up.</summary>
    public static readonly PlayoutLimits AtOnce = new(0, 0);

    /// <summary>Smooth as usual. Must be said, for a player keeps the last limits it heard; above 500 ms libwebrtc leaves its low-latency mode.</summary>
    public static readonly PlayoutLimits AsUsual = new(0, 1000);

    /// <summary>Appends the extension; nothing where it was not negotiated.</summary>
    internal void Write(ref HeaderExtensionWriter writer)
    {
        Span<byte> value = stackalloc byte[PlayoutDelay.Length];
        PlayoutDelay.Write(value, Minimum, Maximum);
        writer.Write(HeaderExtensionKind.PlayoutDelay, value);
    }
}
