using System.Buffers.Binary;

namespace Broadcast.Rtc.Payloads;

/// <summary>Walks the NAL units of an H.265 payload: single unit, AP or FU (RFC 7798 §4.4), without decoding order numbers.</summary>
/// <remarks>PACI packets and reserved types count as malformed.</remarks>
public ref struct H265NalUnitReader
{
    private const int HeaderLength = 2;
    private const int AggregationPacket = 48;
    private const int FragmentationUnit = 49;

    private ReadOnlySpan<byte> _rest;
    private readonly bool _isAggregate;

    /// <summary>Starts at the first unit.</summary>
    public H265NalUnitReader(ReadOnlySpan<byte> payload)
    {
        if (payload.Length <= HeaderLength)
        {
            Reason = DropReason.PayloadTruncated;
            return;
        }

        _isAggregate = TypeOf(payload) == AggregationPacket;
        _rest = _isAggregate ? payload[HeaderLength..] : payload;
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
            if (_rest.Length < 2) return Fail(DropReason.PayloadTruncated);
            var end = 2 + BinaryPrimitives.ReadUInt16BigEndian(_rest);
            if (end < 2 + HeaderLength) return Fail(DropReason.PayloadMalformed);
            if (end > _rest.Length) return Fail(DropReason.PayloadTruncated);
            unit = Whole(_rest[2..end]);
            _rest = _rest[end..];
            return true;
        }

        var type = TypeOf(_rest);
        if (type < AggregationPacket)
        {
            unit = Whole(_rest);
        }
        else if (type == FragmentationUnit)
        {
            // The fragment's type replaces the 6 type bits of the payload header.
            var fragment = _rest[HeaderLength];
            var header = (BinaryPrimitives.ReadUInt16BigEndian(_rest) & 0x81FF) | ((fragment & 0x3F) << 9);
            unit = new NalUnit(fragment & 0x3F, (ushort)header, _rest[(HeaderLength + 1)..], (fragment & 0x80) != 0, (fragment & 0x40) != 0);
        }
        else
        {
            return Fail(DropReason.PayloadMalformed);
        }

        _rest = default;
        return true;
    }

    private static int TypeOf(ReadOnlySpan<byte> unit) => (unit[0] >> 1) & 0x3F;

    private static NalUnit Whole(ReadOnlySpan<byte> unit) =>
        new(TypeOf(unit), BinaryPrimitives.ReadUInt16BigEndian(unit), unit[HeaderLength..], isStart: true, isEnd: true);

    private bool Fail(DropReason reason)
    {
        Reason = reason;
        _rest = default;
        return false;
    }
}
