using System.Buffers.Binary;

namespace Broadcast.Rtc.Rtcp;

/// <summary>Serializes RTCP packets, one after the other into a compound datagram (RFC 3550 §6.1).</summary>
/// <remarks>Each method writes one packet and returns its length, a multiple of 4; 0, with nothing written, when the destination is too short.</remarks>
public static partial class RtcpWriter
{
    private const int SenderInfoLength = 20;
    private const byte CnameItem = 1;

    /// <summary>SR (RFC 3550 §6.4.1).</summary>
    /// <param name="destination">28 bytes and 24 per block.</param>
    /// <param name="ssrc">The source.</param>
    /// <param name="ntpTimestamp">Wall clock, 32.32 fixed point.</param>
    /// <param name="rtpTimestamp">The same instant on the media clock.</param>
    /// <param name="packetCount">RTP packets sent.</param>
    /// <param name="octetCount">Payload octets sent.</param>
    /// <param name="blocks">At most 31; more are left out.</param>
    public static int SenderReport(
        Span<byte> destination, uint ssrc, ulong ntpTimestamp, uint rtpTimestamp, uint packetCount, uint octetCount, scoped ReadOnlySpan<ReportBlock> blocks)
    {
        var count = Math.Min(blocks.Length, RtcpFormat.MaximumCount);
        var length = RtcpFormat.HeaderLength + 4 + SenderInfoLength + (count * ReportBlock.Length);
        if (destination.Length < length) return 0;

        RtcpFormat.WriteHeader(destination, count, RtcpFormat.SenderReport, length);
        BinaryPrimitives.WriteUInt32BigEndian(destination[4..], ssrc);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], ntpTimestamp);
        BinaryPrimitives.WriteUInt32BigEndian(destination[16..], rtpTimestamp);
        BinaryPrimitives.WriteUInt32BigEndian(destination[20..], packetCount);
        BinaryPrimitives.WriteUInt32BigEndian(destination[24..], octetCount);
        WriteBlocks(destination[28..], blocks[..count]);
        return length;
    }

    /// <summary>RR (RFC 3550 §6.4.2); without blocks it is the shortest valid beginning of a compound packet.</summary>
    /// <param name="destination">8 bytes and 24 per block.</param>
    /// <param name="ssrc">Who reports.</param>
    /// <param name="blocks">At most 31; more are left out.</param>
    public static int ReceiverReport(Span<byte> destination, uint ssrc, scoped ReadOnlySpan<ReportBlock> blocks)
    {
        var count = Math.Min(blocks.Length, RtcpFormat.MaximumCount);
        var length = RtcpFormat.HeaderLength + 4 + (count * ReportBlock.Length);
        if (destination.Length < length) return 0;

        RtcpFormat.WriteHeader(destination, count, RtcpFormat.ReceiverReport, length);
        BinaryPrimitives.WriteUInt32BigEndian(destination[4..], ssrc);
        WriteBlocks(destination[8..], blocks[..count]);
        return length;
    }

    /// <summary>SDES with one chunk that has a CNAME (RFC 3550 §6.5.1).</summary>
    /// <param name="destination">Up to 268 bytes.</param>
    /// <param name="ssrc">The source.</param>
    /// <param name="cname">UTF-8; more than 255 bytes are cut.</param>
    public static int SdesCname(Span<byte> destination, uint ssrc, scoped ReadOnlySpan<byte> cname)
    {
        if (cname.Length > byte.MaxValue) cname = cname[..byte.MaxValue];
        var end = RtcpFormat.HeaderLength + 4 + 2 + cname.Length;

        // At least one zero ends the item list.
        var length = (end | 3) + 1;
        if (destination.Length < length) return 0;

        RtcpFormat.WriteHeader(destination, 1, RtcpFormat.SourceDescription, length);
        BinaryPrimitives.WriteUInt32BigEndian(destination[4..], ssrc);
        destination[8] = CnameItem;
        destination[9] = (byte)cname.Length;
        cname.CopyTo(destination[10..]);
        destination[end..length].Clear();
        return length;
    }

    /// <summary>BYE without a reason (RFC 3550 §6.6).</summary>
    /// <param name="destination">4 bytes and 4 per source.</param>
    /// <param name="ssrcs">At most 31; more are left out.</param>
    public static int Bye(Span<byte> destination, scoped ReadOnlySpan<uint> ssrcs)
    {
        var count = Math.Min(ssrcs.Length, RtcpFormat.MaximumCount);
        var length = RtcpFormat.HeaderLength + (count * 4);
        if (destination.Length < length) return 0;

        RtcpFormat.WriteHeader(destination, count, RtcpFormat.Bye, length);
        for (var i = 0; i < count; i++) BinaryPrimitives.WriteUInt32BigEndian(destination[(4 + (i * 4))..], ssrcs[i]);
        return length;
    }

    /// <summary>APP (RFC 3550 §6.7).</summary>
    /// <param name="destination">12 bytes and the data, up to the next multiple of 4.</param>
    /// <param name="ssrc">Who sends it.</param>
    /// <param name="name">Four ASCII characters, big-endian.</param>
    /// <param name="data">Filled up with zeros.</param>
    public static int Application(Span<byte> destination, uint ssrc, uint name, scoped ReadOnlySpan<byte> data)
    {
        var end = RtcpFormat.HeaderLength + 8 + data.Length;
        var length = (end + 3) & ~3;
        if (destination.Length < length) return 0;

        RtcpFormat.WriteHeader(destination, 0, RtcpFormat.Application, length);
        BinaryPrimitives.WriteUInt32BigEndian(destination[4..], ssrc);
        BinaryPrimitives.WriteUInt32BigEndian(destination[8..], name);
        data.CopyTo(destination[12..]);
        destination[end..length].Clear();
        return length;
    }

    private static void WriteBlocks(Span<byte> destination, ReadOnlySpan<ReportBlock> blocks)
    {
        for (var i = 0; i < blocks.Length; i++) blocks[i].Write(destination[(i * ReportBlock.Length)..]);
    }
}
