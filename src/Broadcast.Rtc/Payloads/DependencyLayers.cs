using System.Runtime.CompilerServices;
using Broadcast.Rtc.HeaderExtensions;
using Broadcast.Rtc.Rtp;

namespace Broadcast.Rtc.Payloads;

/// <summary>Layers as the dependency descriptor tells them, whatever the codec (AV1 RTP specification, Appendix A).</summary>
/// <remarks>
/// Remembers the last structure, which only the first packet of a keyframe carries, and the custom decode target indications
/// of the last frame that had some, which only its first packet is sure to carry.
/// </remarks>
internal sealed class DependencyLayers
{
    private readonly DependencyTemplate[] _templates = new DependencyTemplate[DependencySyntax.MaximumTemplates];
    private readonly LayerMarks[] _marksOfTemplate = new LayerMarks[DependencySyntax.MaximumTemplates];
    private readonly ushort[] _pairsOfTarget = new ushort[DependencyStructure.MaximumDecodeTargets];
    private DependencyStructure _structure;
    private LayerSizes _sizes;
    private int _idOffset;
    private int _templateCount;
    private ushort _activeSince;
    private int _customFrame = -1;
    private LayerMarks _customMarks;

    /// <summary>0 to 4.</summary>
    public int SpatialLayerCount { get; private set; }

    /// <summary>0 to 4.</summary>
    public int TemporalLayerCount { get; private set; }

    /// <summary>The decode targets that the publisher says it keeps up.</summary>
    public ushort ActiveTargets { get; private set; } = ushort.MaxValue;

    public FrameSize SizeOf(int spatialId) => _sizes[spatialId];

    public LayerMarks Read(ReadOnlySpan<byte> descriptor, bool startsKeyframe)
    {
        if (descriptor.Length < DependencyDescriptorView.MandatoryLength) return default;
        if (descriptor.Length > DependencyDescriptorView.MandatoryLength) return ReadExtended(descriptor, startsKeyframe);
        return Finish(MarksOf(descriptor), descriptor[0], startsKeyframe);
    }

    /// <summary>By the template, unless an earlier packet of the same frame had its own indications.</summary>
    private LayerMarks MarksOf(ReadOnlySpan<byte> descriptor)
    {
        if (_customFrame == ((descriptor[1] << 8) | descriptor[2]) && (descriptor[0] & 0x80) == 0) return _customMarks;
        var template = TemplateIndex(descriptor[0]);
        return template < _templateCount ? _marksOfTemplate[template] : default;
    }

    private int TemplateIndex(int first) => (first - _idOffset) & (DependencySyntax.MaximumTemplates - 1);

    private static LayerMarks Finish(LayerMarks marks, int first, bool startsKeyframe)
    {
        if (!marks.IsLayered) return default;
        return marks with { Switches = startsKeyframe ? ushort.MaxValue : marks.Switches, EndsLayerFrame = (first & 0x40) != 0 };
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private LayerMarks ReadExtended(ReadOnlySpan<byte> descriptor, bool startsKeyframe)
    {
        var flags = descriptor[DependencyDescriptorView.MandatoryLength];
        var frame = (ushort)((descriptor[1] << 8) | descriptor[2]);
        var bits = new BitReader(descriptor[DependencyDescriptorView.MandatoryLength..], emulationPrevention: false);
        bits.Skip(DependencySyntax.FlagBits);
        var hasStructure = (flags & DependencySyntax.StructureFlag) != 0;
        if (hasStructure && !TryTakeStructure(ref bits, frame)) return default;

        if ((flags & DependencySyntax.ActiveTargetsFlag) != 0)
        {
            if (_templateCount == 0) return default;
            var active = bits.Read(_structure.DecodeTargetCount);
            if (bits.IsExhausted) return default;
            if (hasStructure || SequenceNumber.IsNewer(frame, _activeSince)) SetActive(active, frame);
        }

        var marks = MarksOf(descriptor);
        if ((flags & DependencySyntax.CustomIndicationsFlag) != 0)
        {
            var template = TemplateIndex(descriptor[0]);
            if (template >= _templateCount) return default;
            var (present, switches) = DependencySyntax.ReadIndications(ref bits, _structure.DecodeTargetCount);
            if (bits.IsExhausted) return default;
            marks = Marks(_templates[template] with { Present = present, Switch = switches });
            _customFrame = frame;
            _customMarks = marks;
        }

        return Finish(marks, descriptor[0], startsKeyframe || hasStructure);
    }

    /// <summary>A structure that is not understood makes the stream one without layers until the next one.</summary>
    private bool TryTakeStructure(ref BitReader bits, ushort frame)
    {
        _customFrame = -1;
        var isUnderstood = DependencySyntax.TryReadStructure(ref bits, _templates, _sizes, out _structure, out var head);
        _idOffset = head.IdOffset;
        _templateCount = head.Templates;
        SpatialLayerCount = head.SpatialLayers;
        TemporalLayerCount = 0;
        for (var target = 0; target < _structure.DecodeTargetCount; target++) _pairsOfTarget[target] = _structure.PairsOf(target);
        for (var i = 0; i < _templateCount; i++)
        {
            _marksOfTemplate[i] = Marks(_templates[i]);
            TemporalLayerCount = Math.Max(TemporalLayerCount, _templates[i].TemporalId + 1);
        }

        SetActive(uint.MaxValue, frame);
        if (!isUnderstood) ((Span<FrameSize>)_sizes).Clear();
        return isUnderstood;
    }

    private void SetActive(uint decodeTargets, ushort frame)
    {
        ActiveTargets = decodeTargets == uint.MaxValue ? ushort.MaxValue : PairsOf((ushort)decodeTargets);
        _activeSince = frame;
    }

    /// <summary>
    /// "Switch" is said on the condition that this frame can be decoded. Who received the target with one temporal layer less
    /// can decode it if it is part of that target; of other frames nothing is known, so they are no switching points. That
    /// leaves the switch between spatial layers to keyframes.
    /// </summary>
    private LayerMarks Marks(in DependencyTemplate template)
    {
        var targets = PairsOf(template.Present);
        var switches = PairsOf(template.Switch);
        var oneTemporalLayerLess = (targets << 1) & ~LowestTemporalLayers;
        return new LayerMarks(targets, (ushort)(switches & oneTemporalLayerLess), template.SpatialId, template.TemporalId, EndsLayerFrame: false);
    }

    /// <summary>The pairs with temporal layer 0, into which a shift carries from the spatial layer below.</summary>
    private const int LowestTemporalLayers = 0x1111;

    private ushort PairsOf(ushort decodeTargets)
    {
        var pairs = 0;
        for (var target = 0; target < _structure.DecodeTargetCount; target++)
        {
            if ((decodeTargets >> target & 1) != 0) pairs |= _pairsOfTarget[target];
        }

        return (ushort)pairs;
    }
}
