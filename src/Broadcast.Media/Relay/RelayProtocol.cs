using Broadcast.Rtc;
using Broadcast.Rtc.HeaderExtensions;
using Broadcast.Rtc.Sdp.Negotiation;

namespace Broadcast.Media.Relay;

/// <summary>What all relay links of a cluster have in common: nothing is negotiated between nodes.</summary>
public static class RelayProtocol
{
    /// <summary>The name of APP packets that carry control frames: "BRLY".</summary>
    public const uint ApplicationName = 0x42524C59;

    /// <summary>The SSRC under which either side sends RTCP; media begin above it.</summary>
    public const uint ControlSsrc = 1;

    /// <summary>Media.</summary>
    public const byte PayloadType = 96;

    /// <summary>Retransmissions (RFC 4588).</summary>
    public const byte RtxPayloadType = 97;

    /// <summary>SSRCs of media that one transport may carry at once.</summary>
    public const int MaxStreams = 4096;

    /// <summary>Bytes of a control frame: with the heads of APP and SRTCP it fits a datagram.</summary>
    public const int MaxFrameLength = 1150;

    /// <summary>Tracks of one publication.</summary>
    public const int MaxTracks = 64;

    /// <summary>Nodes from the origin to a viewer: more is a loop that nobody noticed.</summary>
    public const int MaxHops = 16;

    /// <summary>Each side says something this often, so that silence means something.</summary>
    public static readonly TimeSpan PingInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// A parent that was silent for this long is taken for dead: three pings. A loaded machine has gaps of 75 ms and a
    /// saturated one of 275 ms; and being wrong costs a few packets that come twice.
    /// </summary>
    public static readonly TimeSpan SilenceLimit = TimeSpan.FromMilliseconds(300);

    /// <summary>A frame that was not acknowledged is sent again after this.</summary>
    public static readonly TimeSpan ResendInterval = TimeSpan.FromMilliseconds(50);

    /// <summary>Acknowledged frames are repeated this often: the other side may have forgotten.</summary>
    public static readonly TimeSpan RefreshInterval = TimeSpan.FromSeconds(1);

    /// <summary>A child that did not repeat its subscription for this long is gone.</summary>
    public static readonly TimeSpan SubscriptionLifetime = TimeSpan.FromSeconds(5);

    /// <summary>A layer that nobody watches any more travels for this long: viewers come and go, and go up and down.</summary>
    public static readonly TimeSpan DemandLinger = TimeSpan.FromSeconds(5);

    /// <summary>A new parent is tried for this long beside the old one.</summary>
    public static readonly TimeSpan MoveLimit = TimeSpan.FromSeconds(5);

    /// <summary>Both parents send for at least this long before the old one is let go.</summary>
    public static readonly TimeSpan MoveOverlap = TimeSpan.FromMilliseconds(200);

    /// <summary>Header extensions by the ids that every node uses.</summary>
    public static HeaderExtensionMap Extensions { get; } = CreateExtensions();

    /// <summary>What the child's receiving side would have negotiated.</summary>
    public static NegotiatedMedia Media(int index, CodecKind codec, int clockRateHz, string formatParameters) => new()
    {
        Index = index,
        Mid = "",
        Kind = codec.Kind(),
        Codec = new NegotiatedCodec(codec, PayloadType, RtxPayloadType, clockRateHz, codec.Kind() == MediaKind.Audio ? 2 : 1, formatParameters, Nack: true, Pli: true, Fir: false, TransportCc: false, Remb: false),
        Extensions = Extensions,
        ReducedSizeRtcp = true,
    };

    private static HeaderExtensionMap CreateExtensions()
    {
        var map = new HeaderExtensionMap { AllowMixed = true };
        map.TryAdd(HeaderExtensionKind.AudioLevel, 1);
        map.TryAdd(HeaderExtensionKind.VideoOrientation, 2);
        map.TryAdd(HeaderExtensionKind.VideoContentType, 3);
        map.TryAdd(HeaderExtensionKind.AbsoluteCaptureTime, 4);
        map.TryAdd(HeaderExtensionKind.DependencyDescriptor, 5);
        map.TryAdd(HeaderExtensionKind.ColorSpace, 6);
        return map;
    }
}
