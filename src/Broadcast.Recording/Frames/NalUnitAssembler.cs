using System.Buffers.Binary;
using Broadcast.Rtc.Payloads;

namespace Broadcast.Recording.Frames;

/// <summary>What H.264 and H.265 have in common: NAL units with lengths of four bytes before them.</summary>
internal abstract class NalUnitAssembler : VideoAssembler
{
    private const int LengthFieldLength = 4;

    private int _unitAt;
    private bool _isUnitOpen;

    /// <summary>H.264 and H.265 show pictures in another order than they decode them; those of browsers never do.</summary>
    protected override bool MayReorder => true;

    /// <summary>A slice is in the frame.</summary>
    protected bool HasSlice { get; set; }

    /// <summary>Bytes of a unit's header.</summary>
    protected abstract int HeaderLength { get; }

    protected override void Reset()
    {
        _isUnitOpen = false;
        HasSlice = false;
    }

    protected bool IsUnitOpen => _isUnitOpen;

    /// <summary>Takes a unit that is whole.</summary>
    /// <param name="type">Of it.</param>
    /// <param name="unit">With its header.</param>
    /// <param name="isKept">False for what a file does not need.</param>
    /// <returns>False when the frame cannot be decoded.</returns>
    protected abstract bool TryTakeUnit(int type, ReadOnlySpan<byte> unit, out bool isKept);

    protected bool TryAddUnit(in NalUnit unit)
    {
        if (unit.IsStart == _isUnitOpen) return false;
        if (unit.IsStart)
        {
            Span<byte> head = stackalloc byte[LengthFieldLength + 2];
            if (HeaderLength == 1) head[LengthFieldLength] = (byte)unit.Header;
            else BinaryPrimitives.WriteUInt16BigEndian(head[LengthFieldLength..], unit.Header);
            _unitAt = Buffer.Length;
            if (!Buffer.TryAppend(head[..(LengthFieldLength + HeaderLength)])) return false;
        }

        if (!Buffer.TryAppend(unit.Body)) return false;
        _isUnitOpen = !unit.IsEnd;
        if (!unit.IsEnd) return true;

        var length = Buffer.Length - _unitAt - LengthFieldLength;
        BinaryPrimitives.WriteInt32BigEndian(Buffer.At(_unitAt, LengthFieldLength), length);
        if (!TryTakeUnit(unit.Type, Buffer.At(_unitAt + LengthFieldLength, length), out var isKept)) return false;
        if (!isKept) Buffer.Truncate(_unitAt);
        return true;
    }

    /// <summary>Parameter sets of an avcC or hvcC: a length of two bytes before each.</summary>
    protected static void PutSets(List<byte> into, IEnumerable<ReadOnlyMemory<byte>> sets)
    {
        foreach (var set in sets)
        {
            into.Add((byte)(set.Length >> 8));
            into.Add((byte)set.Length);
            into.AddRange(set.Span);
        }
    }
}
