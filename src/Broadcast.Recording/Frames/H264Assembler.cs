using Broadcast.Rtc;
using Broadcast.Rtc.Payloads;

namespace Broadcast.Recording.Frames;

/// <summary>H.264 (RFC 6184), as ISO/IEC 14496-15 stores it; parameter sets stay in the stream too, for they may change.</summary>
internal sealed class H264Assembler : NalUnitAssembler
{
    private const int FirstSlice = 1;
    private const int IdrSlice = 5;
    private const int Sps = 7;
    private const int Pps = 8;
    private const int Delimiter = 9;
    private const int Filler = 12;

    private H264ParameterSets _sets;
    private H264ParameterSets? _setsOfFormat;
    private bool _isIdr;

    public H264Assembler(string formatParameters) => _sets = H264ParameterSets.FromFormatParameters(formatParameters);

    protected override int HeaderLength => 1;

    protected override void Reset()
    {
        base.Reset();
        _isIdr = false;
    }

    protected override bool TryAdd(ReadOnlySpan<byte> payload)
    {
        var reader = new H264NalUnitReader(payload);
        while (reader.TryRead(out var unit))
        {
            if (!TryAddUnit(unit)) return false;
        }

        return reader.Reason == DropReason.None;
    }

    protected override bool TryTakeUnit(int type, ReadOnlySpan<byte> unit, out bool isKept)
    {
        isKept = type is not (Delimiter or Filler);
        if (type is Sps or Pps) _sets = _sets.With(unit);
        if (type is < FirstSlice or > IdrSlice || HasSlice) return true;

        // first_mb_in_slice is 0: ue(v) writes 0 as a single one bit.
        HasSlice = true;
        if (unit.Length < 2 || (unit[1] & 0x80) == 0) return false;
        _isIdr = type == IdrSlice;
        return !_isIdr || TrySetFormat(unit[1..]);
    }

    protected override Outcome Complete(out bool isKeyframe)
    {
        isKeyframe = _isIdr;
        if (IsUnitOpen) return Outcome.Broken;
        return HasSlice ? Outcome.Frame : Outcome.Nothing;
    }

    private bool TrySetFormat(ReadOnlySpan<byte> slice)
    {
        if (!_sets.TryFindSequence(slice, out var sequence) || sequence.Length < 4) return false;
        if (ReferenceEquals(_sets, _setsOfFormat)) return true;
        var size = H264SequenceParameterSet.ReadSize(sequence[1..]);
        if (!size.IsKnown) return false;

        // :: AVCDecoderConfigurationRecord (ISO/IEC 14496-15 §5.3.3.1)
        List<byte> avcC = [1, sequence[1], sequence[2], sequence[3], 0xFF];
        avcC.Add((byte)(0xE0 | _sets.Units(ofSequence: true).Count()));
        PutSets(avcC, _sets.Units(ofSequence: true));
        avcC.Add((byte)_sets.Units(ofSequence: false).Count());
        PutSets(avcC, _sets.Units(ofSequence: false));
        if (H264SequenceParameterSet.TryReadChroma(sequence[1..], out var chroma, out var lumaDepth, out var chromaDepth))
        {
            avcC.AddRange([(byte)(0xFC | chroma), (byte)(0xF8 | lumaDepth), (byte)(0xF8 | chromaDepth), 0]);
        }

        _setsOfFormat = _sets;
        SetFormat(new TrackFormat(
            CodecKind.H264, size.Width, size.Height, 0, avcC.ToArray(), $"avc1.{sequence[1]:X2}{sequence[2]:X2}{sequence[3]:X2}"));
        return true;
    }
}
