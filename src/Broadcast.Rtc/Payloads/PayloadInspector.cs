using System.Runtime.CompilerServices;

namespace Broadcast.Rtc.Payloads;

/// <summary>The one question asked of every received media packet: does a keyframe begin here, and how large is it?</summary>
/// <remarks>
/// Malformed payloads give the default value: forwarding does not depend on understanding them. What only few packets need stays
/// out of line, so that the others do not pay for clearing its locals.
/// </remarks>
public static class PayloadInspector
{
    private static readonly PayloadInfo Audio = new(true, true, 0, 0);

    /// <summary>Looks at one RTP payload.</summary>
    /// <param name="codec">The negotiated codec of its payload type.</param>
    /// <param name="payload">Without RTP padding.</param>
    /// <param name="marker">The packet's M bit.</param>
    public static PayloadInfo Inspect(CodecKind codec, ReadOnlySpan<byte> payload, bool marker)
    {
        _ = marker; // no codec needs it so far
        return codec switch
        {
            CodecKind.Vp8 => InspectVp8(payload),
            CodecKind.H264 => InspectH264(payload),
            CodecKind.Vp9 => InspectVp9(payload),
            CodecKind.Av1 => InspectAv1(payload),
            CodecKind.H265 => InspectH265(payload),
            _ => Audio,
        };
    }

    private static PayloadInfo InspectVp8(ReadOnlySpan<byte> payload) =>
        payload.IsEmpty || !Vp8Descriptor.IsFrameStartIn(payload[0]) ? default : InspectVp8FrameStart(payload);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static PayloadInfo InspectVp8FrameStart(ReadOnlySpan<byte> payload)
    {
        if (Vp8Descriptor.TryParse(payload, out var descriptor) != DropReason.None) return default;
        if (!descriptor.IsKeyframe(payload)) return new PayloadInfo(false, true, 0, 0);
        return new PayloadInfo(true, true, descriptor.KeyframeSize(payload));
    }

    private static PayloadInfo InspectVp9(ReadOnlySpan<byte> payload)
    {
        if (payload.IsEmpty) return default;
        return Vp9Descriptor.MayBeginKeyframe(payload[0])
            ? InspectVp9FrameStart(payload)
            : new PayloadInfo(false, Vp9Descriptor.BeginsFrameIn(payload[0]), 0, 0);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static PayloadInfo InspectVp9FrameStart(ReadOnlySpan<byte> payload)
    {
        if (Vp9Descriptor.TryParse(payload, out var descriptor) != DropReason.None) return default;
        if (!descriptor.IsKeyframe(payload)) return new PayloadInfo(false, descriptor.BeginsFrame, 0, 0);
        return new PayloadInfo(true, true, descriptor.KeyframeSize(payload));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static PayloadInfo InspectH264(ReadOnlySpan<byte> payload)
    {
        if (H264Payload.TryParse(payload, out var view) != DropReason.None) return default;
        return new PayloadInfo(view.HasSequenceParameterSet || view.StartsIdr, view.CanStartFrame, view.Size);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static PayloadInfo InspectH265(ReadOnlySpan<byte> payload)
    {
        if (H265Payload.TryParse(payload, out var view) != DropReason.None) return default;
        return new PayloadInfo(
            view.HasVideoParameterSet || view.HasSequenceParameterSet || view.StartsRandomAccessPicture, view.CanStartFrame, view.Size);
    }

    private static PayloadInfo InspectAv1(ReadOnlySpan<byte> payload)
    {
        // Only the first packet of a coded video sequence can be of interest: spares walking the others.
        if (Av1AggregationHeader.TryParse(payload, out var header) != DropReason.None) return default;
        return header.StartsCodedVideoSequence ? InspectAv1SequenceStart(payload) : new PayloadInfo(false, !header.ContinuesObu, 0, 0);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static PayloadInfo InspectAv1SequenceStart(ReadOnlySpan<byte> payload) =>
        Av1SequenceHeader.TryFind(payload, out var size) ? new PayloadInfo(true, true, size) : new PayloadInfo(false, true, 0, 0);
}
