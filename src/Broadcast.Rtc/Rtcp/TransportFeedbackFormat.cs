namespace Broadcast.Rtc.Rtcp;

/// <summary>Numbers of the transport-wide feedback packet (draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1).</summary>
/// <remarks>
/// <code>
/// | base sequence number (16)     | packet status count (16)      |
/// | reference time, signed 24 bits, 64 ms | feedback packet count |
/// | packet chunks, 16 bits each … | deltas, 8 or 16 bits, 250 µs …| zeros to a whole word
///
/// run length chunk:    0 | symbol (2) | run length (13)
/// status vector chunk: 1 | 0 | 14 symbols of 1 bit
///                      1 | 1 |  7 symbols of 2 bits
/// </code>
/// </remarks>
internal static class TransportFeedbackFormat
{
    /// <summary>From the end of the RTCP header to the first chunk.</summary>
    public const int FixedBodyLength = RtcpFormat.FeedbackHeadLength + 8;

    public const int NotReceived = 0;
    public const int SmallDelta = 1;
    public const int LargeDelta = 2;

    public const long NanosecondsPerTick = 250_000;

    /// <summary>One unit of the reference time is 64 ms: 256 ticks.</summary>
    public const int TicksPerReferenceBits = 8;

    public const int MaximumRunLength = 0x1FFF;
    public const int OneBitSymbols = 14;
    public const int TwoBitSymbols = 7;
    public const int VectorChunk = 0x8000;
    public const int TwoBitVectorChunk = 0xC000;
    public const int RunSymbolShift = 13;
}
