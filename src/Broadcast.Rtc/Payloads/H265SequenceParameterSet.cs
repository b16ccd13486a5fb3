namespace Broadcast.Rtc.Payloads;

/// <summary>Reads the picture size from an H.265 sequence parameter set (ITU-T H.265 §7.3.2.2.1).</summary>
public static class H265SequenceParameterSet
{
    private const int ProfileBits = 88;
    private const int LevelBits = 8;
    private const uint Chroma444 = 3;

    /// <summary>Reads the size.</summary>
    /// <param name="body">The NAL unit after its two-byte header.</param>
    /// <returns>In pixels, conformance window applied; unknown when the set is malformed.</returns>
    public static FrameSize ReadSize(ReadOnlySpan<byte> body)
    {
        var reader = new BitReader(body, emulationPrevention: true);
        reader.Skip(4); // VPS id
        var subLayers = (int)reader.Read(3);
        reader.Skip(1);
        SkipProfileTierLevel(ref reader, subLayers);
        reader.ReadExponentialGolomb(); // id

        var chromaFormat = reader.ReadExponentialGolomb();
        if (chromaFormat > Chroma444) return default;
        var separatePlanes = chromaFormat == Chroma444 && reader.ReadFlag();
        long width = reader.ReadExponentialGolomb();
        long height = reader.ReadExponentialGolomb();
        if (reader.ReadFlag())
        {
            var x = (long)reader.ReadExponentialGolomb() + reader.ReadExponentialGolomb();
            var y = (long)reader.ReadExponentialGolomb() + reader.ReadExponentialGolomb();
            width -= x * (chromaFormat is 1 or 2 && !separatePlanes ? 2 : 1);
            height -= y * (chromaFormat == 1 && !separatePlanes ? 2 : 1);
        }

        return reader.IsExhausted ? default : FrameSize.From(width, height);
    }

    /// <summary>profile_tier_level(1, subLayers), §7.3.3.</summary>
    private static void SkipProfileTierLevel(ref BitReader reader, int subLayers)
    {
        reader.Skip(ProfileBits + LevelBits);
        if (subLayers == 0) return;

        // Two flags per sub-layer; the list is filled up to eight.
        var flags = reader.Read(16);
        for (var i = 0; i < subLayers; i++)
        {
            if ((flags & (0x8000u >> (2 * i))) != 0) reader.Skip(ProfileBits);
            if ((flags & (0x4000u >> (2 * i))) != 0) reader.Skip(LevelBits);
        }
    }
}
