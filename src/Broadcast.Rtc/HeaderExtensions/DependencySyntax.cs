using Broadcast.Rtc.Payloads;

namespace Broadcast.Rtc.HeaderExtensions;

/// <summary>The variable parts of the dependency descriptor, bit by bit (AV1 RTP specification, Appendix A.8.2).</summary>
/// <remarks>Reading past the end gives zeros; callers ask <see cref="BitReader.IsExhausted"/> before they believe a result.</remarks>
internal static class DependencySyntax
{
    /// <summary>Template ids have six bits.</summary>
    public const int MaximumTemplates = 64;

    /// <summary>Spatial and temporal layers beyond four of each are not understood.</summary>
    public const int MaximumLayers = 4;

    /// <summary>The flags that begin the extended part.</summary>
    public const int FlagBits = 5;

    public const int StructureFlag = 0x80;
    public const int ActiveTargetsFlag = 0x40;
    public const int CustomIndicationsFlag = 0x20;

    private const int NextLayerSame = 0;
    private const int NextLayerTemporal = 1;
    private const int NextLayerSpatial = 2;
    private const int IndicationSwitch = 2;

    /// <summary>template_dependency_structure().</summary>
    /// <param name="bits">Stands before the structure, and afterwards behind it.</param>
    /// <param name="templates"><see cref="MaximumTemplates"/> entries.</param>
    /// <param name="sizes"><see cref="MaximumLayers"/> entries, cleared when the structure does not tell sizes.</param>
    /// <param name="structure">Its decode targets.</param>
    /// <param name="head">Template id offset, how many templates there are, how many spatial layers.</param>
    /// <returns>False when truncated or malformed, or when it has more layers or targets than are understood.</returns>
    public static bool TryReadStructure(
        ref BitReader bits,
        scoped Span<DependencyTemplate> templates,
        scoped Span<FrameSize> sizes,
        out DependencyStructure structure,
        out (byte IdOffset, byte Templates, byte SpatialLayers) head)
    {
        structure = default;
        head = default;
        var idOffset = bits.Read(6);
        var targetCount = (int)bits.Read(5) + 1;
        if (targetCount > DependencyStructure.MaximumDecodeTargets) return false;

        var count = ReadLayers(ref bits, templates);
        if (count == 0) return false;
        templates = templates[..count];
        for (var i = 0; i < count; i++)
        {
            var (present, switches) = ReadIndications(ref bits, targetCount);
            templates[i] = templates[i] with { Present = present, Switch = switches };
        }

        SkipFrameDifferences(ref bits, count);
        SkipChains(ref bits, count, targetCount);

        var spatialLayers = templates[^1].SpatialId + 1; // template_layers() never steps down
        sizes.Clear();
        if (bits.ReadFlag())
        {
            for (var i = 0; i < spatialLayers; i++) sizes[i] = FrameSize.From(bits.Read(16) + 1L, bits.Read(16) + 1L);
        }

        if (bits.IsExhausted) return false;
        structure = DependencyStructure.From(templates, targetCount);
        head = ((byte)idOffset, (byte)count, (byte)spatialLayers);
        return true;
    }

    /// <summary>Reads the structure of a descriptor that has one.</summary>
    /// <param name="descriptor">The whole descriptor.</param>
    /// <param name="structure">Its decode targets.</param>
    /// <param name="endBit">Where the structure ends, in bits from the start of the descriptor.</param>
    /// <returns>False when it is not understood.</returns>
    public static bool TryFindStructure(ReadOnlySpan<byte> descriptor, out DependencyStructure structure, out int endBit)
    {
        Span<DependencyTemplate> templates = stackalloc DependencyTemplate[MaximumTemplates];
        Span<FrameSize> sizes = stackalloc FrameSize[MaximumLayers];
        var bits = new BitReader(descriptor[DependencyDescriptorView.MandatoryLength..], emulationPrevention: false);
        bits.Skip(FlagBits);
        var isUnderstood = TryReadStructure(ref bits, templates, sizes, out structure, out _);
        endBit = (DependencyDescriptorView.MandatoryLength * 8) + bits.Position;
        return isUnderstood;
    }

    /// <summary>template_dti or frame_dti for one frame.</summary>
    public static (ushort Present, ushort Switches) ReadIndications(ref BitReader bits, int targetCount)
    {
        int present = 0, switches = 0;
        for (var target = 0; target < targetCount; target++)
        {
            var indication = bits.Read(2);
            if (indication != 0) present |= 1 << target;
            if (indication == IndicationSwitch) switches |= 1 << target;
        }

        return ((ushort)present, (ushort)switches);
    }

    /// <summary>template_layers(); 0 when there are too many templates or layers.</summary>
    private static int ReadLayers(ref BitReader bits, scoped Span<DependencyTemplate> templates)
    {
        int spatialId = 0, temporalId = 0;
        for (var count = 0; count < MaximumTemplates;)
        {
            templates[count++] = new DependencyTemplate((byte)spatialId, (byte)temporalId, 0, 0);
            switch (bits.Read(2))
            {
                case NextLayerSame:
                    break;
                case NextLayerTemporal:
                    temporalId++;
                    break;
                case NextLayerSpatial:
                    temporalId = 0;
                    spatialId++;
                    break;
                default:
                    return count;
            }

            if (spatialId >= MaximumLayers || temporalId >= MaximumLayers || bits.IsExhausted) return 0;
        }

        return 0;
    }

    /// <summary>template_fdiffs(): which frames a decoder needs does not matter to one who forwards whole decode targets.</summary>
    private static void SkipFrameDifferences(ref BitReader bits, int templates)
    {
        for (var i = 0; i < templates; i++)
        {
            while (bits.ReadFlag()) bits.Skip(4);
        }
    }

    /// <summary>template_chains().</summary>
    private static void SkipChains(ref BitReader bits, int templates, int targetCount)
    {
        var chains = bits.ReadNonSymmetric(targetCount + 1);
        if (chains == 0) return;
        for (var target = 0; target < targetCount; target++) bits.ReadNonSymmetric(chains);
        bits.Skip(templates * chains * 4);
    }
}
