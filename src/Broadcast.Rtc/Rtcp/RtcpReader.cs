using System.Buffers.Binary;

namespace Broadcast.Rtc.Rtcp;

/// <summary>Walks the packets of one unprotected RTCP datagram: a compound packet (RFC 3550 §6.1) or a reduced-size one (RFC 5506).</summary>
/// <remarks>
/// Kinds that are not read here are stepped over. A broken length ends the walk with a reason; the packets before it were valid.
/// </remarks>
public ref struct RtcpReader(ReadOnlySpan<byte> datagram)
{
    private ReadOnlySpan<byte> _rest = datagram;

    /// <summary>How many well-formed packets of unknown kind were stepped over so far.</summary>
    public int SkippedCount { get; private set; }

    /// <summary>Reads the next packet of a known kind.</summary>
    /// <param name="packet">Points into the datagram.</param>
    /// <param name="reason">When false is returned: <see cref="DropReason.None"/> at the end, otherwise what is wrong.</param>
    public bool TryRead(out RtcpPacketView packet, out DropReason reason)
    {
        packet = default;
        reason = DropReason.None;
        while (!_rest.IsEmpty)
        {
            reason = TryReadAny(out packet);
            if (reason != DropReason.None)
            {
                _rest = default;
                packet = default;
                return false;
            }

            if (packet.Kind != RtcpPacketKind.Unknown) return true;
            SkippedCount++;
        }

        packet = default;
        return false;
    }

    private DropReason TryReadAny(out RtcpPacketView packet)
    {
        packet = default;
        if (_rest.Length < RtcpFormat.HeaderLength) return DropReason.RtcpTruncated;

        var first = _rest[0];
        if (first >> 6 != 2) return DropReason.RtcpBadVersion;

        var length = (BinaryPrimitives.ReadUInt16BigEndian(_rest[2..]) + 1) * 4;
        if (length > _rest.Length) return DropReason.RtcpBadLength;

        var body = _rest[RtcpFormat.HeaderLength..length];
        if ((first & 0x20) != 0)
        {
            var padding = body.IsEmpty ? 0 : body[^1];
            if (padding == 0 || padding > body.Length) return DropReason.RtcpMalformed;
            body = body[..^padding];
        }

        packet = new RtcpPacketView(first & 0x1F, _rest[1], body);
        _rest = _rest[length..];
        return DropReason.None;
    }
}
