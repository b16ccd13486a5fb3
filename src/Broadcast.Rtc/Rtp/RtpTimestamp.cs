namespace Broadcast.Rtc.Rtp;

/// <summary>Arithmetic on 32-bit RTP timestamps, modulo 2^32 (RFC 3550 §5.1).</summary>
public static class RtpTimestamp
{
    /// <summary>True when <paramref name="a"/> is later than <paramref name="b"/> by less than 2^31 ticks.</summary>
    public static bool IsNewer(uint a, uint b) => (int)(a - b) > 0;

    /// <summary>Ticks from <paramref name="from"/> to <paramref name="to"/>; positive when <paramref name="to"/> is later.</summary>
    public static int Distance(uint from, uint to) => (int)(to - from);

    /// <summary>Ticks of a clock for a span of time, rounded to nearest, modulo 2^32.</summary>
    public static uint FromNanoseconds(long nanoseconds, uint clockRateHz) =>
        (uint)(long)Int128.CreateTruncating(((Int128)nanoseconds * clockRateHz + (nanoseconds < 0 ? -500_000_000 : 500_000_000)) / 1_000_000_000);

    /// <summary>The time that a (signed) number of ticks lasts. <paramref name="clockRateHz"/> must not be 0.</summary>
    public static long ToNanoseconds(long ticks, uint clockRateHz) => (long)((Int128)ticks * 1_000_000_000 / clockRateHz);
}
