namespace Broadcast.Rtc.Payloads;

/// <summary>Finds and reads the sequence header OBU (AV1 §5.5), which opens every keyframe's temporal unit.</summary>
public static class Av1SequenceHeader
{
    private const int ObuType = 1;

    /// <summary>Looks for a sequence header that begins in this payload.</summary>
    /// <param name="payload">An AV1 RTP payload.</param>
    /// <param name="size">The largest frame of the sequence; unknown when the header is cut or malformed.</param>
    public static bool TryFind(ReadOnlySpan<byte> payload, out FrameSize size)
    {
        size = default;
        var reader = new Av1ObuReader(payload);
        while (reader.TryRead(out var obu))
        {
            if (!obu.IsStart || obu.Type != ObuType) continue;
            size = ReadSize(obu.Body);
            return true;
        }

        return false;
    }

    /// <summary>Reads max_frame_width and max_frame_height.</summary>
    /// <param name="body">The OBU after its header.</param>
    public static FrameSize ReadSize(ReadOnlySpan<byte> body)
    {
        var reader = new BitReader(body, emulationPrevention: false);
        return ReadToSize(ref reader).Size;
    }

    /// <summary>Reads what a container tells of the stream.</summary>
    /// <param name="body">The OBU after its header.</param>
    /// <returns>False when it is malformed.</returns>
    internal static bool TryRead(ReadOnlySpan<byte> body, out Av1Sequence sequence)
    {
        var reader = new BitReader(body, emulationPrevention: false);
        sequence = ReadToSize(ref reader);
        SkipTools(ref reader, sequence.IsReduced);
        ReadColor(ref reader, ref sequence);
        return !reader.IsExhausted && sequence is { Size.IsKnown: true, Profile: <= 2 };
    }

    private static Av1Sequence ReadToSize(ref BitReader reader)
    {
        var sequence = new Av1Sequence { Profile = (int)reader.Read(3) };
        reader.Skip(1); // still picture
        sequence.IsReduced = reader.ReadFlag();
        if (sequence.IsReduced)
        {
            sequence.Level = (int)reader.Read(5);
        }
        else
        {
            ReadOperatingPoints(ref reader, ref sequence);
        }

        var widthBits = (int)reader.Read(4) + 1;
        var heightBits = (int)reader.Read(4) + 1;
        var width = reader.Read(widthBits) + 1L;
        var height = reader.Read(heightBits) + 1L;
        sequence.Size = reader.IsExhausted ? default : FrameSize.From(width, height);
        return sequence;
    }

    private static void ReadOperatingPoints(ref BitReader reader, ref Av1Sequence sequence)
    {
        var hasDecoderModel = false;
        var bufferDelayBits = 0;
        if (reader.ReadFlag()) // timing_info_present_flag
        {
            reader.Skip(64);
            if (reader.ReadFlag()) reader.ReadExponentialGolomb();
            hasDecoderModel = reader.ReadFlag();
            if (hasDecoderModel)
            {
                bufferDelayBits = (int)reader.Read(5) + 1;
                reader.Skip(32 + 5 + 5);
            }
        }

        var hasDisplayDelay = reader.ReadFlag();
        var isFirst = true;
        for (var left = reader.Read(5) + 1; left > 0 && !reader.IsExhausted; left--, isFirst = false)
        {
            reader.Skip(12);
            var level = (int)reader.Read(5);
            var isHighTier = level > 7 && reader.ReadFlag(); // of levels above 3.3
            if (isFirst) (sequence.Level, sequence.IsHighTier) = (level, isHighTier);
            if (hasDecoderModel && reader.ReadFlag()) reader.Skip((2 * bufferDelayBits) + 1);
            if (hasDisplayDelay && reader.ReadFlag()) reader.Skip(4);
        }
    }

    /// <summary>What stands between the size and color_config().</summary>
    private static void SkipTools(ref BitReader reader, bool isReduced)
    {
        const uint SelectScreenContentTools = 2;
        if (!isReduced && reader.ReadFlag()) reader.Skip(4 + 3); // frame ids
        reader.Skip(3);
        if (!isReduced)
        {
            reader.Skip(4);
            var hasOrderHint = reader.ReadFlag();
            if (hasOrderHint) reader.Skip(2);
            var screenContentTools = reader.ReadFlag() ? SelectScreenContentTools : reader.Read(1);
            if (screenContentTools > 0 && !reader.ReadFlag()) reader.Skip(1);
            if (hasOrderHint) reader.Skip(3);
        }

        reader.Skip(3);
    }

    /// <summary>color_config(), §5.5.2.</summary>
    private static void ReadColor(ref BitReader reader, ref Av1Sequence sequence)
    {
        const uint SrgbAsSeenByIdentityMatrix = (1 << 16) | (13 << 8) | 0;
        sequence.IsHighBitDepth = reader.ReadFlag();
        sequence.IsTwelveBit = sequence is { Profile: 2, IsHighBitDepth: true } && reader.ReadFlag();
        sequence.IsMonochrome = sequence.Profile != 1 && reader.ReadFlag();
        var description = reader.ReadFlag() ? reader.Read(24) : 0;
        if (!sequence.IsMonochrome && description == SrgbAsSeenByIdentityMatrix) return;

        reader.Skip(1); // color range
        if (sequence.IsMonochrome || sequence.Profile == 0)
        {
            (sequence.IsSubsampledX, sequence.IsSubsampledY) = (true, true);
        }
        else if (sequence.Profile == 2)
        {
            sequence.IsSubsampledX = !sequence.IsTwelveBit || reader.ReadFlag();
            sequence.IsSubsampledY = sequence is { IsTwelveBit: true, IsSubsampledX: true } && reader.ReadFlag();
        }

        if (!sequence.IsMonochrome && sequence is { IsSubsampledX: true, IsSubsampledY: true }) sequence.ChromaSamplePosition = (int)reader.Read(2);
    }
}

/// <summary>What a container tells of an AV1 stream, from its sequence header.</summary>
internal struct Av1Sequence
{
    public FrameSize Size { get; set; }

    /// <summary>seq_profile, 0 to 2.</summary>
    public int Profile { get; set; }

    /// <summary>seq_level_idx of the first operating point.</summary>
    public int Level { get; set; }

    public bool IsHighTier { get; set; }

    public bool IsReduced { get; set; }

    public bool IsHighBitDepth { get; set; }

    public bool IsTwelveBit { get; set; }

    public bool IsMonochrome { get; set; }

    public bool IsSubsampledX { get; set; }

    public bool IsSubsampledY { get; set; }

    public int ChromaSamplePosition { get; set; }

    public readonly int BitDepth => IsTwelveBit ? 12 : IsHighBitDepth ? 10 : 8;
}
