using System.Runtime.CompilerServices;
using Broadcast.Rtc.HeaderExtensions;

namespace Broadcast.Rtc.Payloads;

/// <summary>Reads of every packet of one received encoding to which layers its frame belongs.</summary>
/// <remarks>
/// <para>
/// VP8 (RFC 7741 §4.2) and VP9 (RFC 9628 §4.2) say it in their payload descriptors; H.264, H.265, AV1, and VP8 without
/// temporal id in the dependency descriptor. What is malformed, truncated or unknown is not layered.
/// </para>
/// <para>Not thread-safe: owned by the track that receives the encoding.</para>
/// </remarks>
public sealed class LayerReader
{
    private const int MaximumId = 3;
    private const int NoPicture = -1;
    private const int PictureWithoutId = 0x10000;

    private readonly CodecKind _codec;
    private readonly DependencyLayers _dependency = new();
    private LayerSizes _sizes;
    private int _spatialLayers;
    private int _temporalLayers;
    private int _keyPicture = NoPicture;

    /// <summary>Begins without knowing any structure.</summary>
    public LayerReader(CodecKind codec) => _codec = codec;

    /// <summary>Spatial layers that the stream has, as far as seen: 1 to 4, or 0 before the first packet with layers.</summary>
    public int SpatialLayerCount => Math.Min(Math.Max(_spatialLayers, _dependency.SpatialLayerCount), MaximumId + 1);

    /// <summary>Temporal layers that the stream has, as far as seen: 1 to 4, or 0 before the first packet with layers.</summary>
    public int TemporalLayerCount => Math.Max(_temporalLayers, _dependency.TemporalLayerCount);

    /// <summary>
    /// The decode targets that the publisher says it keeps up, in the bits of <see cref="LayerMarks"/>. All where it does
    /// not say: only the dependency descriptor can (active_decode_targets_bitmask).
    /// </summary>
    public ushort ActiveTargets => _dependency.ActiveTargets;

    /// <summary>The picture size of a spatial layer; unknown where the stream does not tell it.</summary>
    /// <param name="spatialId">0 to 3; anything else has no size.</param>
    public FrameSize SizeOf(int spatialId)
    {
        if ((uint)spatialId > MaximumId) return default;
        return _codec == CodecKind.Vp9 ? _sizes[spatialId] : _dependency.SizeOf(spatialId);
    }

    /// <summary>Reads one packet.</summary>
    /// <param name="payload">Without RTP padding.</param>
    /// <param name="dependencyDescriptor">The value of the header extension; empty when the packet has none.</param>
    /// <param name="startsKeyframe"><see cref="PayloadInfo.StartsKeyframe"/> of the packet.</param>
    /// <returns>The default value when the packet does not tell of layers.</returns>
    public LayerMarks Read(ReadOnlySpan<byte> payload, ReadOnlySpan<byte> dependencyDescriptor, bool startsKeyframe)
    {
        switch (_codec)
        {
            case CodecKind.Vp9:
                return ReadVp9(payload);
            case CodecKind.Vp8 when TryReadVp8(payload, startsKeyframe, out var marks):
                return marks;
            case CodecKind.Vp8 or CodecKind.H264 or CodecKind.H265 or CodecKind.Av1:
                return _dependency.Read(dependencyDescriptor, startsKeyframe);
            default:
                return default;
        }
    }

    /// <summary>
    /// TID says which targets need the frame. Y says that it depends on the base layer only (§4.2), which whoever received
    /// the temporal layers below has.
    /// </summary>
    private bool TryReadVp8(ReadOnlySpan<byte> payload, bool startsKeyframe, out LayerMarks marks)
    {
        marks = default;
        if (payload.Length < 2 || (payload[0] & 0x80) == 0) return false;
        int extension = payload[1];
        if ((extension & 0x20) == 0) return false;

        var position = 2;
        if ((extension & 0x80) != 0)
        {
            if (payload.Length <= position) return false;
            position += (payload[position] & 0x80) != 0 ? 2 : 1;
        }

        if ((extension & 0x40) != 0) position++;
        if (payload.Length <= position) return false;

        int layer = payload[position];
        var temporalId = layer >> 6;
        var switches = startsKeyframe ? ushort.MaxValue : (layer & 0x20) != 0 ? 1 << temporalId : 0;
        marks = new LayerMarks((ushort)(0xF & (0xF << temporalId)), (ushort)switches, 0, (byte)temporalId, EndsLayerFrame: false);
        _spatialLayers = 1;
        if (temporalId >= _temporalLayers) _temporalLayers = temporalId + 1;
        return true;
    }

    /// <summary>
    /// Layers above the fourth count as the fourth: whoever wants that gets all of them. A frame that no upper spatial layer
    /// refers to (Z) is needed by its own layer only, except that the top layer stands for all above it too.
    /// </summary>
    private LayerMarks ReadVp9(ReadOnlySpan<byte> payload)
    {
        if (payload.IsEmpty) return default;
        int first = payload[0];
        if ((first & 0x20) == 0) return default;

        var position = 1;
        var picture = PictureWithoutId;
        if ((first & 0x80) != 0)
        {
            if (payload.Length < 3) return default;
            picture = payload[position++];
            if ((picture & 0x80) != 0) picture = ((picture & 0x7F) << 8) | payload[position++];
        }

        if (payload.Length <= position) return default;
        if ((first & 0x02) != 0 && !TryTakeVp9Structure(payload)) return default;

        int layer = payload[position];
        var layerId = (layer >> 1) & 7;
        var spatialId = Math.Min(layerId, MaximumId);
        var temporalId = Math.Min(layer >> 5, MaximumId);
        if (layerId >= _spatialLayers) _spatialLayers = layerId + 1;
        if (temporalId >= _temporalLayers) _temporalLayers = temporalId + 1;

        var isTop = layerId + 1 == _spatialLayers;
        var temporals = 0xF & (0xF << temporalId);
        var spatials = (first & 0x01) != 0 && !isTop ? 1 << (spatialId * 4) : 0x1111 << (spatialId * 4);
        var targets = (ushort)(temporals * (spatials & 0x1111));
        var switches = IsInKeyPicture(first, layerId, picture) ? ushort.MaxValue : (layer & 0x10) != 0 ? targets & (0x1111 * (0xF & (0xE << temporalId))) : 0;
        var ends = (first & 0x04) != 0 && (layerId < MaximumId || isTop);
        return new LayerMarks(targets, (ushort)switches, (byte)spatialId, (byte)temporalId, ends);
    }

    /// <summary>
    /// A base layer frame that is not predicted makes a key picture. An upper one alone does not: an encoder may begin an
    /// upper layer anew in any picture.
    /// </summary>
    private bool IsInKeyPicture(int first, int layerId, int picture)
    {
        var isPredicted = (first & 0x40) != 0;
        if (layerId == 0)
        {
            if (!isPredicted) _keyPicture = picture;
            else if (_keyPicture == picture) _keyPicture = NoPicture; // the picture ids went round, or there are none
        }

        return !isPredicted && _keyPicture == picture;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryTakeVp9Structure(ReadOnlySpan<byte> payload)
    {
        if (Vp9Descriptor.TryParse(payload, out var descriptor) != DropReason.None) return false;
        _spatialLayers = descriptor.SpatialLayerCount;
        for (var i = 0; i <= MaximumId; i++) _sizes[i] = Vp9ScalabilityStructure.SizeOf(payload[descriptor.StructureOffset..], i);
        return true;
    }
}
