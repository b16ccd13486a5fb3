using System.Runtime.CompilerServices;
using Broadcast.Rtc.Payloads;

namespace Broadcast.Rtc.HeaderExtensions;

/// <summary>The decode targets of a template dependency structure (AV1 RTP specification, Appendix A.4 and A.8.3).</summary>
/// <remarks>Small enough to be kept by value; the default value has no targets and stands for "not layered".</remarks>
public readonly struct DependencyStructure
{
    /// <summary>More targets than there are pairs of four spatial and four temporal layers are not understood.</summary>
    public const int MaximumDecodeTargets = 16;

    private const int LayersPerAxis = 4;

    private readonly TargetLayers _layers;
    private readonly byte _count;

    private DependencyStructure(in TargetLayers layers, int count)
    {
        _layers = layers;
        _count = (byte)count;
    }

    /// <summary>DtCnt, 1 to 16; 0 when not layered.</summary>
    public int DecodeTargetCount => _count;

    /// <summary>The highest spatial layer of a decode target, 0 to 3.</summary>
    /// <param name="decodeTarget">0 to <see cref="DecodeTargetCount"/> − 1.</param>
    public int SpatialIdOf(int decodeTarget) => _layers[decodeTarget] >> 2;

    /// <summary>The highest temporal layer of a decode target, 0 to 3.</summary>
    /// <param name="decodeTarget">0 to <see cref="DecodeTargetCount"/> − 1.</param>
    public int TemporalIdOf(int decodeTarget) => _layers[decodeTarget] & 3;

    /// <summary>The decode targets, one bit each, that stay whole when nothing above a pair of layers is sent.</summary>
    public uint ActiveWithin(int spatialId, int temporalId)
    {
        var active = 0u;
        for (var target = 0; target < _count; target++)
        {
            if (SpatialIdOf(target) <= spatialId && TemporalIdOf(target) <= temporalId) active |= 1u << target;
        }

        return active;
    }

    /// <summary>Reads the structure that the descriptor of a keyframe's first packet carries.</summary>
    /// <returns>
    /// <see cref="DropReason.PayloadTruncated"/> when shorter than the mandatory part, <see cref="DropReason.PayloadMalformed"/>
    /// when there is no structure or one that is not understood: cut off, or with more than 4 spatial layers, 4 temporal
    /// layers or 16 decode targets.
    /// </returns>
    public static DropReason TryParse(ReadOnlySpan<byte> descriptor, out DependencyStructure structure)
    {
        structure = default;
        var reason = DependencyDescriptorView.TryParse(descriptor, out var view);
        if (reason != DropReason.None) return reason;
        if (!view.HasTemplateStructure) return DropReason.PayloadMalformed;
        return DependencySyntax.TryFindStructure(descriptor, out structure, out _) ? DropReason.None : DropReason.PayloadMalformed;
    }

    /// <summary>
    /// The pairs of layers, as bits of <see cref="LayerMarks"/>, for which a decode target stands: its own, and those that
    /// the structure does not name and that come nearest to it. A pair takes the highest target within it, spatial before
    /// temporal; when there is none, the lowest target. A structure of one spatial layer has pairs of spatial layer 0 only.
    /// </summary>
    internal ushort PairsOf(int decodeTarget)
    {
        var pairs = 0;
        var spatialLayers = HasSpatialLayers ? LayersPerAxis : 1;
        for (var spatialId = 0; spatialId < spatialLayers; spatialId++)
        {
            for (var temporalId = 0; temporalId < LayersPerAxis; temporalId++)
            {
                if (TargetFor(spatialId, temporalId) == decodeTarget) pairs |= LayerMarks.Bit(spatialId, temporalId);
            }
        }

        return (ushort)pairs;
    }

    /// <summary>A decode target has the highest layers of the templates in which it is present (decode_target_layers()).</summary>
    internal static DependencyStructure From(ReadOnlySpan<DependencyTemplate> templates, int decodeTargetCount)
    {
        var layers = default(TargetLayers);
        for (var target = 0; target < decodeTargetCount; target++)
        {
            int spatialId = 0, temporalId = 0;
            foreach (ref readonly var template in templates)
            {
                if ((template.Present >> target & 1) == 0) continue;
                spatialId = Math.Max(spatialId, template.SpatialId);
                temporalId = Math.Max(temporalId, template.TemporalId);
            }

            layers[target] = (byte)((spatialId << 2) | temporalId);
        }

        return new DependencyStructure(layers, decodeTargetCount);
    }

    private bool HasSpatialLayers
    {
        get
        {
            for (var target = 0; target < _count; target++)
            {
                if (SpatialIdOf(target) > 0) return true;
            }

            return false;
        }
    }

    private int TargetFor(int spatialId, int temporalId)
    {
        int within = -1, lowest = 0;
        for (var target = 0; target < _count; target++)
        {
            if (_layers[target] < _layers[lowest]) lowest = target;
            if (SpatialIdOf(target) > spatialId || TemporalIdOf(target) > temporalId) continue;
            if (within < 0 || _layers[target] > _layers[within]) within = target;
        }

        return within < 0 ? lowest : within;
    }

    [InlineArray(MaximumDecodeTargets)]
    private struct TargetLayers
    {
        private byte _first;
    }
}
