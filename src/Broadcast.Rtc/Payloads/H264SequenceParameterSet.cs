namespace Broadcast.Rtc.Payloads;

/// <summary>Reads the picture size from an H.264 sequence parameter set (ITU-T H.264 §7.3.2.1.1).</summary>
public static class H264SequenceParameterSet
{
    private const int MaximumPictureOrderCycle = 255;
    private const uint Chroma444 = 3;

    /// <summary>Reads the size.</summary>
    /// <param name="body">The NAL unit after its one-byte header.</param>
    /// <returns>In pixels, cropping applied; unknown when the set is malformed.</returns>
    public static FrameSize ReadSize(ReadOnlySpan<byte> body)
    {
        var reader = new BitReader(body, emulationPrevention: true);
        var profile = reader.Read(8);
        reader.Skip(16); // constraint flags, level
        reader.ReadExponentialGolomb(); // id

        uint chromaFormat = 1;
        var separatePlanes = false;
        if (HasChromaFormat(profile))
        {
            chromaFormat = reader.ReadExponentialGolomb();
            if (chromaFormat > Chroma444) return default;
            if (chromaFormat == Chroma444) separatePlanes = reader.ReadFlag();
            reader.ReadExponentialGolomb(); // bit depths
            reader.ReadExponentialGolomb();
            reader.Skip(1);
            if (reader.ReadFlag()) SkipScalingLists(ref reader, chromaFormat == Chroma444 ? 12 : 8);
        }

        reader.ReadExponentialGolomb(); // log2_max_frame_num
        if (!TrySkipPictureOrder(ref reader)) return default;
        reader.ReadExponentialGolomb(); // reference frames
        reader.Skip(1);

        var widthInMacroblocks = reader.ReadExponentialGolomb() + 1L;
        var heightInMapUnits = reader.ReadExponentialGolomb() + 1L;
        var frameMacroblocksOnly = reader.ReadFlag();
        if (!frameMacroblocksOnly) reader.Skip(1);
        reader.Skip(1);

        long cropX = 0, cropY = 0;
        if (reader.ReadFlag())
        {
            cropX = (long)reader.ReadExponentialGolomb() + reader.ReadExponentialGolomb();
            cropY = (long)reader.ReadExponentialGolomb() + reader.ReadExponentialGolomb();
        }

        if (reader.IsExhausted) return default;
        var fieldFactor = frameMacroblocksOnly ? 1 : 2;
        var isSubsampledX = chromaFormat is 1 or 2 && !separatePlanes;
        var isSubsampledY = chromaFormat == 1 && !separatePlanes;
        return FrameSize.From(
            (widthInMacroblocks * 16) - (cropX * (isSubsampledX ? 2 : 1)),
            (heightInMapUnits * 16 * fieldFactor) - (cropY * (isSubsampledY ? 2 : 1) * fieldFactor));
    }

    /// <summary>Reads what a container tells of the colours besides the profile.</summary>
    /// <param name="body">The NAL unit after its one-byte header.</param>
    /// <param name="chromaFormat">chroma_format_idc.</param>
    /// <param name="lumaDepth">Bits above 8.</param>
    /// <param name="chromaDepth">Bits above 8.</param>
    /// <returns>False for the profiles that have 8 bits and 4:2:0 always, and for a malformed set.</returns>
    internal static bool TryReadChroma(ReadOnlySpan<byte> body, out int chromaFormat, out int lumaDepth, out int chromaDepth)
    {
        (chromaFormat, lumaDepth, chromaDepth) = (1, 0, 0);
        var reader = new BitReader(body, emulationPrevention: true);
        if (!HasChromaFormat(reader.Read(8))) return false;
        reader.Skip(16);
        reader.ReadExponentialGolomb();
        chromaFormat = (int)(reader.ReadExponentialGolomb() & 3);
        if (chromaFormat == Chroma444) reader.Skip(1);
        lumaDepth = (int)(reader.ReadExponentialGolomb() & 7);
        chromaDepth = (int)(reader.ReadExponentialGolomb() & 7);
        return !reader.IsExhausted;
    }

    private static bool HasChromaFormat(uint profile) =>
        profile is 100 or 110 or 122 or 244 or 44 or 83 or 86 or 118 or 128 or 138 or 139 or 134 or 135;

    private static void SkipScalingLists(ref BitReader reader, int count)
    {
        for (var list = 0; list < count; list++)
        {
            if (!reader.ReadFlag()) continue;
            var (last, next) = (8, 8);
            for (var i = list < 6 ? 16 : 64; i > 0 && next != 0 && !reader.IsExhausted; i--)
            {
                next = (byte)(last + reader.ReadSignedExponentialGolomb());
                if (next != 0) last = next;
            }
        }
    }

    private static bool TrySkipPictureOrder(ref BitReader reader)
    {
        switch (reader.ReadExponentialGolomb())
        {
            case 0:
                reader.ReadExponentialGolomb();
                return true;
            case 1:
                reader.Skip(1);
                reader.ReadExponentialGolomb();
                reader.ReadExponentialGolomb();
                var cycle = reader.ReadExponentialGolomb();
                if (cycle > MaximumPictureOrderCycle) return false;
                for (; cycle > 0 && !reader.IsExhausted; cycle--) reader.ReadExponentialGolomb();
                return true;
            case 2:
                return true;
            default:
                return false;
        }
    }
}
