using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using Broadcast.Rtc;
using Broadcast.Rtc.Payloads;

namespace Broadcast.Recording.Frames;

/// <summary>H.265 (RFC 7798), as ISO/IEC 14496-15 stores it; parameter sets stay in the stream too, for they may change.</summary>
internal sealed class H265Assembler : NalUnitAssembler
{
    private const int FirstSkippedLeading = 8;
    private const int LastSkippedLeading = 9;
    private const int LastSlice = 31;
    private const int FirstRandomAccess = 16;
    private const int LastRandomAccess = 23;
    private const int Vps = 32;
    private const int Pps = 34;
    private const int Delimiter = 35;
    private const int Filler = 38;

    private H265ParameterSets _sets;
    private H265ParameterSets? _setsOfFormat;
    private int _sliceType;
    private bool _skipsLeading;

    public H265Assembler(string formatParameters) => _sets = H265ParameterSets.FromFormatParameters(formatParameters);

    protected override int HeaderLength => 2;

    protected override bool TryAdd(ReadOnlySpan<byte> payload)
    {
        var reader = new H265NalUnitReader(payload);
        while (reader.TryRead(out var unit))
        {
            if (!TryAddUnit(unit)) return false;
        }

        return reader.Reason == DropReason.None;
    }

    protected override bool TryTakeUnit(int type, ReadOnlySpan<byte> unit, out bool isKept)
    {
        isKept = type is not (Delimiter or Filler);
        if (type is >= Vps and <= Pps) _sets = _sets.With(unit);
        if (type > LastSlice || HasSlice) return true;

        HasSlice = true;
        if (unit.Length < 3 || (unit[2] & 0x80) == 0) return false; // first_slice_segment_in_pic_flag
        _sliceType = type;
        return !IsRandomAccess || TrySetFormat(unit[2..]);
    }

    protected override Outcome Complete(out bool isKeyframe)
    {
        isKeyframe = HasSlice && IsRandomAccess;
        if (IsUnitOpen) return Outcome.Broken;
        if (!HasSlice) return Outcome.Nothing;

        // Pictures that are shown before a random access point and need what came before it (RASL, H.265 §8.1.3).
        if (isKeyframe) _skipsLeading = NeedsKeyframe;
        return _skipsLeading && _sliceType is FirstSkippedLeading or LastSkippedLeading ? Outcome.Skipped : Outcome.Frame;
    }

    private bool IsRandomAccess => _sliceType is >= FirstRandomAccess and <= LastRandomAccess;

    private bool TrySetFormat(ReadOnlySpan<byte> slice)
    {
        if (!_sets.TryFindSequence(slice, out var unit) || !H265SequenceParameterSet.TryRead(unit[2..], out var sequence)) return false;
        if (ReferenceEquals(_sets, _setsOfFormat)) return true;

        // :: HEVCDecoderConfigurationRecord (ISO/IEC 14496-15 §8.3.3.1)
        List<byte> hvcC = [1, sequence.ProfileByte];
        Span<byte> number = stackalloc byte[8];
        BinaryPrimitives.WriteUInt32BigEndian(number, sequence.CompatibilityFlags);
        hvcC.AddRange(number[..4]);
        BinaryPrimitives.WriteUInt64BigEndian(number, sequence.ConstraintFlags);
        hvcC.AddRange(number[2..]);
        hvcC.AddRange(
        [
            sequence.Level, 0xF0, 0, 0xFC,
            (byte)(0xFC | sequence.ChromaFormat), (byte)(0xF8 | sequence.LumaDepth), (byte)(0xF8 | sequence.ChromaDepth),
            0, 0, (byte)((sequence.TemporalLayerCount << 3) | (sequence.IsTemporalIdNested ? 4 : 0) | 3),
            3,
        ]);
        for (var type = Vps; type <= Pps; type++)
        {
            // Without array_completeness: others may come in the stream.
            hvcC.AddRange([(byte)type, 0, (byte)_sets.Units(type).Count()]);
            PutSets(hvcC, _sets.Units(type));
        }

        _setsOfFormat = _sets;
        SetFormat(new TrackFormat(CodecKind.H265, sequence.Size.Width, sequence.Size.Height, 0, hvcC.ToArray(), CodecStringOf(sequence)));
        return true;
    }

    /// <summary>ISO/IEC 14496-15 Annex E.3: profile, compatibility with its bits reversed, tier and level, constraints without zeros at the end.</summary>
    private static string CodecStringOf(in H265Sequence sequence)
    {
        var space = sequence.ProfileByte >> 6;
        uint reversed = 0;
        for (var bit = 0; bit < 32; bit++) reversed |= ((sequence.CompatibilityFlags >> bit) & 1) << (31 - bit);
        var text = new StringBuilder("hvc1.");
        if (space > 0) text.Append((char)('A' + space - 1));
        text.Append(sequence.ProfileByte & 0x1F).Append('.').AppendFormat(null, "{0:X}", reversed)
            .Append('.').Append((sequence.ProfileByte & 0x20) != 0 ? 'H' : 'L').Append(sequence.Level);
        var octets = sequence.ConstraintFlags == 0 ? 0 : 6 - (BitOperations.TrailingZeroCount(sequence.ConstraintFlags) / 8);
        for (var i = 0; i < octets; i++) text.AppendFormat(null, ".{0:X}", (byte)(sequence.ConstraintFlags >> (40 - (8 * i))));
        return text.ToString();
    }
}
