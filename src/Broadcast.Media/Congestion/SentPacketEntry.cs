using Broadcast.Rtc;

namespace Broadcast.Media.Congestion;

/// <summary>One sent packet in eight bytes; the default value stands for a number that was not sent.</summary>
/// <remarks>
/// <code>
/// | time sent, 4 µs, modulo 2^34 (19 hours) | bytes (12) | probe (16) | state (2) |
/// </code>
/// </remarks>
internal readonly struct SentPacketEntry
{
    public const int MaxBytes = 0xFFF;

    private const int StateBits = 2;
    private const int ProbeShift = StateBits;
    private const int BytesShift = ProbeShift + 16;
    private const int TimeShift = BytesShift + 12;
    private const long TimeMask = (1L << (64 - TimeShift)) - 1;
    private const long NanosecondsPerUnit = 4_000;

    private readonly ulong _bits;

    private SentPacketEntry(ulong bits) => _bits = bits;

    public SentPacketEntry(MonotonicTime sentAt, int bytes, ushort probe) => _bits = ((ulong)(sentAt.Nanoseconds / NanosecondsPerUnit) << TimeShift)
        | ((ulong)Math.Clamp(bytes, 0, MaxBytes) << BytesShift) | ((ulong)probe << ProbeShift) | (ulong)SentPacketState.Unreported;

    public SentPacketState State => (SentPacketState)(_bits & ((1 << StateBits) - 1));

    public int Bytes => (int)(_bits >> BytesShift) & MaxBytes;

    /// <summary>The low 16 bits of the probe's number.</summary>
    public ushort Probe => (ushort)(_bits >> ProbeShift);

    /// <summary>When it was sent.</summary>
    /// <param name="after">A time not before it and less than 19 hours later.</param>
    public MonotonicTime SentAt(MonotonicTime after)
    {
        var units = after.Nanoseconds / NanosecondsPerUnit;
        return new MonotonicTime((units - ((units - (long)(_bits >> TimeShift)) & TimeMask)) * NanosecondsPerUnit);
    }

    public SentPacketEntry With(SentPacketState state) => new((_bits & ~(ulong)((1 << StateBits) - 1)) | (ulong)state);
}

/// <summary>What is known of a sent packet.</summary>
internal enum SentPacketState
{
    NotSent,
    Unreported,
    ReportedLost,
    ReportedReceived,
}
