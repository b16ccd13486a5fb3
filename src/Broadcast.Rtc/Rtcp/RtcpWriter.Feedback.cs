using System.Buffers.Binary;
using System.Numerics;

namespace Broadcast.Rtc.Rtcp;

public static partial class RtcpWriter
{
    /// <summary>Most entries of one generic NACK, so that it stays within one datagram.</summary>
    public const int MaximumNackEntries = 250;

    private const int FeedbackStart = RtcpFormat.HeaderLength + RtcpFormat.FeedbackHeadLength;
    private const int NackEntryLength = 4;
    private const int NackBitmaskLength = 16;
    private const int MantissaBits = 18;

    /// <summary>Generic NACK (RFC 4585 §6.2.1); neighbours are folded into bitmasks.</summary>
    /// <param name="destination">12 bytes and 4 per entry; entries that do not fit are not written.</param>
    /// <param name="senderSsrc">Who asks.</param>
    /// <param name="mediaSsrc">The stream asked for.</param>
    /// <param name="missing">In sequence order.</param>
    /// <param name="consumed">How many of <paramref name="missing"/> the packet names; call again with the rest.</param>
    /// <returns>The length; 0 when nothing is missing or not even one entry fits.</returns>
    public static int Nack(Span<byte> destination, uint senderSsrc, uint mediaSsrc, scoped ReadOnlySpan<ushort> missing, out int consumed) =>
        WriteNack(destination, senderSsrc, mediaSsrc, missing, out consumed);

    /// <summary>The same from extended sequence numbers.</summary>
    public static int Nack(Span<byte> destination, uint senderSsrc, uint mediaSsrc, scoped ReadOnlySpan<long> missing, out int consumed) =>
        WriteNack(destination, senderSsrc, mediaSsrc, missing, out consumed);

    /// <summary>PLI (RFC 4585 §6.3.1): 12 bytes.</summary>
    public static int Pli(Span<byte> destination, uint senderSsrc, uint mediaSsrc)
    {
        if (destination.Length < FeedbackStart) return 0;
        WriteFeedbackHead(destination, RtcpFormat.PictureLossFormat, RtcpFormat.PayloadSpecificFeedback, FeedbackStart, senderSsrc, mediaSsrc);
        return FeedbackStart;
    }

    /// <summary>FIR for one stream (RFC 5104 §4.3.1): 20 bytes.</summary>
    /// <param name="destination">At least 20 bytes.</param>
    /// <param name="senderSsrc">Who asks.</param>
    /// <param name="mediaSsrc">The stream asked.</param>
    /// <param name="sequenceNumber">Increased for a new request, kept for a repetition.</param>
    public static int Fir(Span<byte> destination, uint senderSsrc, uint mediaSsrc, byte sequenceNumber)
    {
        const int Length = FeedbackStart + FirView.EntryLength;
        if (destination.Length < Length) return 0;
        WriteFeedbackHead(destination, RtcpFormat.FullIntraFormat, RtcpFormat.PayloadSpecificFeedback, Length, senderSsrc, 0);
        BinaryPrimitives.WriteUInt32BigEndian(destination[FeedbackStart..], mediaSsrc);
        BinaryPrimitives.WriteUInt32BigEndian(destination[(FeedbackStart + 4)..], (uint)sequenceNumber << 24);
        return Length;
    }

    /// <summary>REMB (draft-alvestrand-rmcat-remb-03 §2.2).</summary>
    /// <param name="destination">20 bytes and 4 per stream.</param>
    /// <param name="senderSsrc">Who reports.</param>
    /// <param name="bitsPerSecond">Not negative; rounded down to 18 significant bits.</param>
    /// <param name="ssrcs">The streams covered; at most 255, more are left out.</param>
    public static int Remb(Span<byte> destination, uint senderSsrc, long bitsPerSecond, scoped ReadOnlySpan<uint> ssrcs)
    {
        var count = Math.Min(ssrcs.Length, byte.MaxValue);
        var length = RtcpFormat.HeaderLength + RembView.FixedLength + (count * 4);
        if (destination.Length < length) return 0;

        WriteFeedbackHead(destination, RtcpFormat.ApplicationLayerFormat, RtcpFormat.PayloadSpecificFeedback, length, senderSsrc, 0);
        BinaryPrimitives.WriteUInt32BigEndian(destination[FeedbackStart..], RtcpFormat.RembIdentifier);
        var rate = (ulong)Math.Max(bitsPerSecond, 0);
        var exponent = Math.Max(0, 64 - BitOperations.LeadingZeroCount(rate) - MantissaBits);
        BinaryPrimitives.WriteUInt32BigEndian(
            destination[(FeedbackStart + 4)..], ((uint)count << 24) | ((uint)exponent << MantissaBits) | (uint)(rate >> exponent));
        for (var i = 0; i < count; i++) BinaryPrimitives.WriteUInt32BigEndian(destination[(FeedbackStart + 8 + (i * 4))..], ssrcs[i]);
        return length;
    }

    internal static void WriteFeedbackHead(Span<byte> destination, int format, byte packetType, int length, uint senderSsrc, uint mediaSsrc)
    {
        RtcpFormat.WriteHeader(destination, format, packetType, length);
        BinaryPrimitives.WriteUInt32BigEndian(destination[4..], senderSsrc);
        BinaryPrimitives.WriteUInt32BigEndian(destination[8..], mediaSsrc);
    }

    private static int WriteNack<T>(Span<byte> destination, uint senderSsrc, uint mediaSsrc, ReadOnlySpan<T> missing, out int consumed)
        where T : unmanaged, IBinaryInteger<T>
    {
        consumed = 0;
        var entries = 0;
        var room = Math.Min(MaximumNackEntries, (destination.Length - FeedbackStart) / NackEntryLength);
        while (consumed < missing.Length && entries < room)
        {
            var packetId = ushort.CreateTruncating(missing[consumed++]);
            var bitmask = 0;
            for (; consumed < missing.Length; consumed++)
            {
                var distance = (ushort)(ushort.CreateTruncating(missing[consumed]) - packetId);
                if (distance > NackBitmaskLength) break;
                if (distance > 0) bitmask |= 1 << (distance - 1);
            }

            var entry = destination[(FeedbackStart + (entries * NackEntryLength))..];
            BinaryPrimitives.WriteUInt16BigEndian(entry, packetId);
            BinaryPrimitives.WriteUInt16BigEndian(entry[2..], (ushort)bitmask);
            entries++;
        }

        if (entries == 0) return 0;
        var length = FeedbackStart + (entries * NackEntryLength);
        WriteFeedbackHead(destination, RtcpFormat.GenericNackFormat, RtcpFormat.TransportLayerFeedback, length, senderSsrc, mediaSsrc);
        return length;
    }
}
