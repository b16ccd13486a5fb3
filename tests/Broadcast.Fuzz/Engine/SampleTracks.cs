using Broadcast.Rtc;
using Broadcast.Rtc.HeaderExtensions;
using Broadcast.Rtc.Sdp;
using Broadcast.Rtc.Sdp.Negotiation;

namespace Broadcast.Fuzz.Engine;

/// <summary>What a publisher and a viewer of one video and one audio track agreed on with the node.</summary>
internal static class SampleTracks
{
    public const byte VideoPayloadType = 96;
    public const byte RtxPayloadType = 97;
    public const byte AudioPayloadType = 111;

    public static NegotiatedSession Publisher(CodecKind video) => new()
    {
        RemoteIce = IceCredentials.Create(),
        RemoteFingerprints = [],
        LocalIsDtlsClient = false,
        Media = [Audio(transportWide: true), Video(video, hasRtx: true)],
        Answer = "",
    };

    public static NegotiatedMedia Audio(bool transportWide) => Media(0, MediaKind.Audio, CodecKind.Opus, AudioPayloadType, null, transportWide);

    public static NegotiatedMedia Video(CodecKind codec, bool hasRtx) =>
        Media(1, MediaKind.Video, codec, VideoPayloadType, hasRtx ? RtxPayloadType : null, hasRtx);

    private static NegotiatedMedia Media(int index, MediaKind kind, CodecKind codec, byte payloadType, byte? rtx, bool transportWide)
    {
        var extensions = new HeaderExtensionMap { AllowMixed = true };
        for (var each = 0; each < HeaderExtensionMap.KindCount; each++) extensions.TryAdd((HeaderExtensionKind)each, (byte)(each + 1));
        var clock = kind == MediaKind.Video ? 90_000 : 48_000;
        return new NegotiatedMedia
        {
            Index = index,
            Mid = index.ToString(System.Globalization.CultureInfo.InvariantCulture),
            Kind = kind,
            Codec = new NegotiatedCodec(codec, payloadType, rtx, clock, 1, codec == CodecKind.H264 ? "packetization-mode=1" : "", Nack: true, Pli: true, Fir: true, transportWide, Remb: true),
            Extensions = extensions,
            ReducedSizeRtcp = true,
        };
    }
}
