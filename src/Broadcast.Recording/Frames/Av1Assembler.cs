using Broadcast.Rtc;
using Broadcast.Rtc.Payloads;

namespace Broadcast.Recording.Frames;

/// <summary>AV1 (AOM RTP specification 1.0): a temporal unit of OBUs with sizes, without delimiters ("Carriage of AV1 in Matroska").</summary>
internal sealed class Av1Assembler : VideoAssembler
{
    private const int SequenceHeader = 1;
    private const int TemporalDelimiter = 2;
    private const int FrameHeader = 3;
    private const int Frame = 6;
    private const int TileList = 8;
    private const int Padding = 15;
    private const byte ExtensionFlag = 0x04;
    private const byte SizeFlag = 0x02;

    private readonly FrameBuffer _fragment = new();
    private byte[] _sequenceObu = [];
    private Av1Sequence _sequence;
    private bool _isFragmentOpen;
    private bool _hasSequence;
    private bool _hasFrame;
    private bool _isKey;
    private bool _isFormatOld;

    protected override void Reset()
    {
        _fragment.Clear();
        _isFragmentOpen = false;
        _hasSequence = false;
        _hasFrame = false;
        _isKey = false;
    }

    protected override bool TryAdd(ReadOnlySpan<byte> payload)
    {
        var reader = new Av1ObuReader(payload);
        while (reader.TryRead(out var obu))
        {
            // :: Step 1: one that goes over packets is collected
            if (obu.IsStart == _isFragmentOpen) return false;
            if (obu is { IsStart: true, IsEnd: true })
            {
                if (!TryAddObu(obu.Element)) return false;
                continue;
            }

            if (obu.IsStart) _fragment.Clear();
            if (!_fragment.TryAppend(obu.Element)) return false;

            // :: Step 2: and taken when its end is here
            _isFragmentOpen = !obu.IsEnd;
            if (obu.IsEnd && !TryAddObu(_fragment.Span)) return false;
        }

        return reader.Reason == DropReason.None;
    }

    protected override Outcome Complete(out bool isKeyframe)
    {
        isKeyframe = _isKey && _hasSequence;
        if (_isFragmentOpen) return Outcome.Broken;
        if (!_hasFrame) return Outcome.Nothing;
        if (isKeyframe) UpdateFormat();
        return Outcome.Frame;
    }

    private bool TryAddObu(ReadOnlySpan<byte> obu)
    {
        // :: Step 1: header, extension and the size that it may have (AV1 §5.3)
        var bodyAt = (obu[0] & ExtensionFlag) != 0 ? 2 : 1;
        if (bodyAt > obu.Length) return false;
        var type = (obu[0] >> 3) & 0x0F;
        var body = obu[bodyAt..];
        if ((obu[0] & SizeFlag) != 0)
        {
            var position = 0;
            if (!Leb128.TryRead(body, ref position, out var size) || size > body.Length - position) return false;
            body = body.Slice(position, (int)size);
        }

        // :: Step 2: what it tells
        switch (type)
        {
            case TemporalDelimiter or TileList or Padding:
                return true;
            case SequenceHeader:
                if (!TryReadSequence(body)) return false;
                break;
            case FrameHeader or Frame when !_hasFrame:
                if (body.IsEmpty) return false;
                _hasFrame = true;

                // show_existing_frame(1) frame_type(2), absent where all frames are key frames
                _isKey = _sequence.IsReduced || (body[0] & 0xE0) == 0;
                break;
        }

        // :: Step 3: the same with a size
        Span<byte> head = stackalloc byte[2 + 5];
        head[0] = (byte)(obu[0] | SizeFlag);
        if (bodyAt == 2) head[1] = obu[1];
        var length = bodyAt + PutLeb128(head[bodyAt..], (uint)body.Length);
        return Buffer.TryAppend(head[..length]) && Buffer.TryAppend(body);
    }

    private bool TryReadSequence(ReadOnlySpan<byte> body)
    {
        _hasSequence = true;
        if (body.SequenceEqual(_sequenceObu)) return true;
        if (!Av1SequenceHeader.TryRead(body, out var sequence))
        {
            _sequenceObu = [];
            return false;
        }

        _sequence = sequence;
        _sequenceObu = body.ToArray();
        _isFormatOld = true;
        return true;
    }

    private void UpdateFormat()
    {
        if (!_isFormatOld) return;
        _isFormatOld = false;
        var sequence = _sequence;
        Span<byte> size = stackalloc byte[5];
        byte[] av1C =
        [
            0x81,
            (byte)((sequence.Profile << 5) | sequence.Level),
            (byte)((sequence.IsHighTier ? 0x80 : 0) | (sequence.IsHighBitDepth ? 0x40 : 0) | (sequence.IsTwelveBit ? 0x20 : 0)
                | (sequence.IsMonochrome ? 0x10 : 0) | (sequence.IsSubsampledX ? 0x08 : 0) | (sequence.IsSubsampledY ? 0x04 : 0)
                | sequence.ChromaSamplePosition),
            0,
            (SequenceHeader << 3) | SizeFlag,
            .. size[..PutLeb128(size, (uint)_sequenceObu.Length)],
            .. _sequenceObu,
        ];
        var codec = $"av01.{sequence.Profile}.{sequence.Level:D2}{(sequence.IsHighTier ? 'H' : 'M')}.{sequence.BitDepth:D2}";
        SetFormat(new TrackFormat(CodecKind.Av1, sequence.Size.Width, sequence.Size.Height, 0, av1C, codec));
    }

    private static int PutLeb128(Span<byte> into, uint value)
    {
        var length = 0;
        for (; value >= 0x80; value >>= 7) into[length++] = (byte)(value | 0x80);
        into[length++] = (byte)value;
        return length;
    }
}
