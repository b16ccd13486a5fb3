namespace Broadcast.Rtc.Payloads;

/// <summary>The one question asked of every received media packet: does a keyframe begin here, and how large is it?</summary>
/// <remarks>Malformed payloads give the default value: forwarding does not depend on understanding them.</remarks>
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

    private static PayloadInfo InspectVp8(ReadOnlySpan<byte> payload)
    {
        // Most packets are neither: told by the first byte.
        if (payload.IsEmpty || !Vp8Descriptor.IsFrameStartIn(payload[0])) return default;
        if (Vp8Descriptor.TryParse(payload, out var descriptor) != DropReason.None) return default;
        if (!descriptor.IsKeyframe(payload)) return new PayloadInfo(false, true, 0, 0);
        return new PayloadInfo(true, true, descriptor.KeyframeSize(payload));
    }

    private static PayloadInfo InspectVp9(ReadOnlySpan<byte> payload)
    {
        // Predicted pictures are told by the first byte; a truncated descriptor does not matter there.
        if (payload.IsEmpty) return default;
        if (!Vp9Descriptor.MayBeginKeyframe(payload[0])) return new PayloadInfo(false, Vp9Descriptor.BeginsFrameIn(payload[0]), 0, 0);
        if (Vp9Descriptor.TryParse(payload, out var descriptor) != DropReason.None) return default;
        if (!descriptor.IsKeyframe(payload)) return new PayloadInfo(false, descriptor.BeginsFrame, 0, 0);
        return new PayloadInfo(true, true, descriptor.KeyframeSize(payload));
    }

    private static PayloadInfo InspectH264(ReadOnlySpan<byte> payload)
    {
        if (H264Payload.TryParse(payload, out var view) != DropReason.None) return default;
        return new PayloadInfo(view.HasSequenceParameterSet || view.StartsIdr, view.CanStartFrame, view.Size);
    }

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
        if (!header.StartsCodedVideoSequence) return new PayloadInfo(false, !header.ContinuesObu, 0, 0);
        return Av1SequenceHeader.TryFind(payload, out var size) ? new PayloadInfo(true, true, size) : new PayloadInfo(false, true, 0, 0);
    }
}
