using Broadcast.Fuzz.Targets;
using Broadcast.Rtc;

namespace Broadcast.Fuzz;

/// <summary>All targets by name.</summary>
public static class FuzzTargets
{
    private static readonly Dictionary<string, Func<FuzzTarget>> ByName = new(StringComparer.Ordinal)
    {
        ["stun"] = () => new StunTarget(),
        ["sdp-publish"] = () => new PublisherOfferTarget(),
        ["sdp-watch"] = () => new ViewerOfferTarget(),
        ["trickle"] = () => new TrickleFragmentTarget(),
        ["rtp"] = () => new RtpTarget(),
        ["rtcp"] = () => new RtcpTarget(),
        ["twcc"] = () => new TransportFeedbackTarget(),
        ["vp8"] = () => new Vp8Target(),
        ["vp9"] = () => new Vp9Target(),
        ["h264"] = () => new NalUnitTarget(CodecKind.H264),
        ["h265"] = () => new NalUnitTarget(CodecKind.H265),
        ["av1"] = () => new Av1Target(),
        ["opus"] = () => new OpusTarget(),
        ["red"] = () => new RedTarget(),
        ["layers"] = () => new LayersTarget(),
        ["dependency-descriptor"] = () => new DependencyDescriptorTarget(),
        ["dtls"] = () => new DtlsTarget(),
        ["dtls-closed"] = () => new ReleasedDtlsTarget(),
        ["srtp"] = () => new SrtpTarget(),
        ["srtcp"] = () => new SrtcpTarget(),
        ["rfc4571"] = () => new Rfc4571Target(),
        ["relay-frame"] = () => new RelayFrameTarget(),
        ["frames-vp8"] = () => new FrameTarget(CodecKind.Vp8),
        ["frames-vp9"] = () => new FrameTarget(CodecKind.Vp9),
        ["frames-av1"] = () => new FrameTarget(CodecKind.Av1),
        ["frames-h264"] = () => new FrameTarget(CodecKind.H264),
        ["frames-h265"] = () => new FrameTarget(CodecKind.H265),
        ["frames-opus"] = () => new FrameTarget(CodecKind.Opus),
        ["matroska"] = () => new SegmentFileTarget(isMp4: false),
        ["mp4"] = () => new SegmentFileTarget(isMp4: true),
        ["usage"] = () => new UsageTarget(),
        ["forward"] = () => new ForwardingTarget(),
    };

    /// <summary>Names in a fixed order.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. ByName.Keys];

    /// <summary>A fresh target; null when there is none of that name.</summary>
    public static FuzzTarget? Create(string name) => ByName.TryGetValue(name, out var create) ? create() : null;
}
