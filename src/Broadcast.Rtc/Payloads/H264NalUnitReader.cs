using System.Buffers.Binary;

namespace Broadcast.Rtc.Payloads;

/// <summary>Walks the NAL units of an H.264 payload: single unit, STAP-A or FU-A (RFC 6184 §5.6, §5.7.1, §5.8).</summary>
/// <remarks>The interleaved forms (STAP-B, MTAP, FU-B) are never negotiated in WebRTC and count as malformed.</remarks>
public ref struct H264NalUnitReader
{
    private const int StapA = 24;
    private const int FuA = 28;
    private const int MaximumSingleType = 23;

    private ReadOnlySpan<byte> _rest;
    private readonly bool _isAggregate;

    /// <summary>Starts at the first unit.</summary>
    public H264NalUnitReader(ReadOnlySpan<byte> payload)
    {
        _isAggregate = !payload.IsEmpty && (payload[0] & 0x1F) == StapA;
        _rest = _isAggregate ? payload[1..] : payload;
        Reason = _rest.IsEmpty ? DropReason.PayloadTruncated : DropReason.None;
    }

    /// <summary>Why the walk ended early; <see cref="DropReason.None"/> while all is well.</summary>
    public DropReason Reason { get; private set; }

    /// <summary>Reads the next unit; false at the end or where the payload is malformed.</summary>
    public bool TryRead(out NalUnit unit)
    {
        unit = default;
        if (_rest.IsEmpty) return false;

        if (_isAggregate)
        {
            if (_rest.Length < 3) return Fail(DropReason.PayloadTruncated);
            var end = 2 + BinaryPrimitives.ReadUInt16BigEndian(_rest);
            if (end == 2) return Fail(DropReason.PayloadMalformed);
            if (end > _rest.Length) return Fail(DropReason.PayloadTruncated);
            unit = new NalUnit(_rest[2] & 0x1F, _rest[2], _rest[3..end], isStart: true, isEnd: true);
            _rest = _rest[end..];
            return true;
        }

        var type = _rest[0] & 0x1F;
        if (type is > 0 and <= MaximumSingleType)
        {
            unit = new NalUnit(type, _rest[0], _rest[1..], isStart: true, isEnd: true);
        }
        else if (type == FuA)
        {
            if (_rest.Length < 2) return Fail(DropReason.PayloadTruncated);
            var header = _rest[1];
            unit = new NalUnit(header & 0x1F, (byte)((_rest[0] & 0xE0) | (header & 0x1F)), _rest[2..], (header & 0x80) != 0, (header & 0x40) != 0);
        }
        else
        {
            return Fail(DropReason.PayloadMalformed);
        }

        _rest = default;
        return true;
    }

    private bool Fail(DropReason reason)
    {
        Reason = reason;
        _rest = default;
        return false;
    }
}
