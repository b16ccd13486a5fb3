namespace Broadcast.Rtc.Rtp;

/// <summary>64-bit NTP timestamps, seconds since 1900 in 32.32 fixed point, and their compact middle 32 bits (RFC 3550 §4).</summary>
public static class NtpTime
{
    /// <summary>Seconds from 1900-01-01 to 1970-01-01.</summary>
    public const long UnixEpochSeconds = 2_208_988_800;

    private const ulong NanosecondsPerSecond = 1_000_000_000;

    /// <summary>Converts nanoseconds since 1900 (not negative). The seconds wrap every 2^32 (first in 2036).</summary>
    public static ulong FromNanoseconds(long nanoseconds)
    {
        var (seconds, rest) = Math.DivRem((ulong)nanoseconds, NanosecondsPerSecond);
        return (seconds << 32) + (((rest << 32) + (NanosecondsPerSecond / 2)) / NanosecondsPerSecond);
    }

    /// <summary>Converts to nanoseconds since 1900, taking the timestamp as one of era 0 (before 2036).</summary>
    public static long ToNanoseconds(ulong ntp) =>
        (long)(((ntp >> 32) * NanosecondsPerSecond) + ((((ntp & 0xFFFF_FFFF) * NanosecondsPerSecond) + 0x8000_0000) >> 32));

    /// <summary>Converts nanoseconds since 1970 (not before 1900).</summary>
    public static ulong FromUnixNanoseconds(long nanoseconds) =>
        FromNanoseconds(nanoseconds + (UnixEpochSeconds * (long)NanosecondsPerSecond));

    /// <summary>Converts to nanoseconds since 1970. Seconds below 2^31 are of era 1, after 2036 (RFC 4330 §3).</summary>
    public static long ToUnixNanoseconds(ulong ntp)
    {
        var sinceEra = ToNanoseconds(ntp);
        var era = ntp >> 63 == 0 ? 1L << 32 : 0;
        return sinceEra + ((era - UnixEpochSeconds) * (long)NanosecondsPerSecond);
    }

    /// <summary>The middle 32 bits: 16.16 fixed-point seconds, as in LSR of a report block.</summary>
    public static uint Compact(ulong ntp) => (uint)(ntp >> 16);

    /// <summary>Nanoseconds of a compact interval (16.16 seconds, as in DLSR).</summary>
    public static long CompactToNanoseconds(uint interval) => (long)(((ulong)interval * NanosecondsPerSecond) >> 16);

    /// <summary>A compact interval of up to 65,535 s; negative gives 0, longer saturates.</summary>
    public static uint CompactFromNanoseconds(long nanoseconds)
    {
        if (nanoseconds <= 0) return 0;
        if (nanoseconds >= 65_536 * (long)NanosecondsPerSecond) return uint.MaxValue;
        return (uint)(((ulong)nanoseconds << 16) / NanosecondsPerSecond);
    }

    /// <summary>Round-trip time from a report block (RFC 3550 §6.4.1): arrival − LSR − DLSR.</summary>
    /// <param name="arrival">When the report arrived, on the clock that wrote the sender report, compact.</param>
    /// <param name="lastSenderReport">LSR; 0 means that no sender report had been received.</param>
    /// <param name="delaySinceLastSenderReport">DLSR.</param>
    /// <param name="nanoseconds">At least 0 (rounding and clock steps can make it come out below).</param>
    /// <returns>False when the block carries no measurement.</returns>
    public static bool TryRoundTrip(uint arrival, uint lastSenderReport, uint delaySinceLastSenderReport, out long nanoseconds)
    {
        nanoseconds = 0;
        if (lastSenderReport == 0) return false;

        var interval = unchecked((int)(arrival - lastSenderReport - delaySinceLastSenderReport));
        nanoseconds = interval <= 0 ? 0 : CompactToNanoseconds((uint)interval);
        return true;
    }
}
