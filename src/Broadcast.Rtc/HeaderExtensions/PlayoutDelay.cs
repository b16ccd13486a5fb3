namespace Broadcast.Rtc.HeaderExtensions;

/// <summary>The playout-delay extension: two 12-bit limits in units of 10 ms.</summary>
public static class PlayoutDelay
{
    /// <summary>Bytes of the value.</summary>
    public const int Length = 3;

    /// <summary>Largest limit, in units of 10 ms.</summary>
    public const int Maximum = 0xFFF;

    /// <summary>Writes the value.</summary>
    /// <param name="destination">At least <see cref="Length"/> bytes.</param>
    /// <param name="minimum">In units of 10 ms, 0 to 4095.</param>
    /// <param name="maximum">In units of 10 ms, <paramref name="minimum"/> to 4095.</param>
    public static void Write(Span<byte> destination, int minimum, int maximum)
    {
        destination[2] = (byte)maximum;
        destination[1] = (byte)((minimum << 4) | ((maximum >> 8) & 0x0F));
        destination[0] = (byte)(minimum >> 4);
    }
}
