namespace Broadcast.Rtc.HeaderExtensions;

/// <summary>The abs-send-time extension: 24 bits, 6.18 fixed-point seconds, wrapping every 64 s.</summary>
public static class AbsoluteSendTime
{
    private const int FractionBits = 18;
    private const uint Mask = 0xFF_FFFF;
    private const long NanosecondsPerSecond = 1_000_000_000;
    private const long WrapNanoseconds = 64 * NanosecondsPerSecond;

    /// <summary>The extension's value for a time; the origin does not matter to receivers.</summary>
    public static uint From(MonotonicTime time)
    {
        // Reduced first, so that the shift stays within 64 bits.
        var withinWrap = time.Nanoseconds % WrapNanoseconds;
        if (withinWrap < 0) withinWrap += WrapNanoseconds;
        return (uint)((withinWrap << FractionBits) / NanosecondsPerSecond) & Mask;
    }

    /// <summary>Nanoseconds from one value to another, −32 s to 32 s.</summary>
    public static long DifferenceNanoseconds(uint from, uint to)
    {
        var ticks = (int)((to - from) << 8) >> 8;
        return (ticks * NanosecondsPerSecond) >> FractionBits;
    }

    /// <summary>Writes the three bytes.</summary>
    public static void Write(Span<byte> destination, uint value)
    {
        destination[2] = (byte)value;
        destination[1] = (byte)(value >> 8);
        destination[0] = (byte)(value >> 16);
    }
}
