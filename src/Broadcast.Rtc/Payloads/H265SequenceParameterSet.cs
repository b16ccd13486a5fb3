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
        TryRead(body, out var sequence);
        return sequence.Size;
    }

    /// <summary>Reads what a container tells of the stream.</summary>
    /// <param name="body">The NAL unit after its two-byte header.</param>
    /// <returns>False when the set is malformed.</returns>
    internal static bool TryRead(ReadOnlySpan<byte> body, out H265Sequence sequence)
    {
        sequence = default;
        var reader = new BitReader(body, emulationPrevention: true);
        reader.Skip(4); // VPS id
        var subLayers = (int)reader.Read(3);
        sequence.TemporalLayerCount = subLayers + 1;
        sequence.IsTemporalIdNested = reader.ReadFlag();
        var general = reader;
        SkipProfileTierLevel(ref reader, subLayers);
        sequence.Id = reader.ReadExponentialGolomb();

        var chromaFormat = reader.ReadExponentialGolomb();
        if (chromaFormat > Chroma444) return false;
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

        if (reader.IsExhausted) return false;
        sequence.Size = FrameSize.From(width, height);
        sequence.ChromaFormat = (int)chromaFormat;
        sequence.LumaDepth = (int)(reader.ReadExponentialGolomb() & 7);
        sequence.ChromaDepth = (int)(reader.ReadExponentialGolomb() & 7);

        // general_profile_space to general_level_idc
        sequence.ProfileByte = (byte)general.Read(8);
        sequence.CompatibilityFlags = general.Read(32);
        sequence.ConstraintFlags = ((ulong)general.Read(16) << 32) | general.Read(32);
        sequence.Level = (byte)general.Read(8);
        return !reader.IsExhausted && sequence.Size.IsKnown;
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

/// <summary>What a container tells of an H.265 stream, from its sequence parameter set.</summary>
internal struct H265Sequence
{
    public uint Id { get; set; }

    public FrameSize Size { get; set; }

    public int TemporalLayerCount { get; set; }

    public bool IsTemporalIdNested { get; set; }

    /// <summary>general_profile_space (2 bits), general_tier_flag, general_profile_idc (5 bits).</summary>
    public byte ProfileByte { get; set; }

    public uint CompatibilityFlags { get; set; }

    /// <summary>48 bits.</summary>
    public ulong ConstraintFlags { get; set; }

    /// <summary>general_level_idc: thirty times the level.</summary>
    public byte Level { get; set; }

    public int ChromaFormat { get; set; }

    /// <summary>Bits above 8.</summary>
    public int LumaDepth { get; set; }

    /// <summary>Bits above 8.</summary>
    public int ChromaDepth { get; set; }
}
