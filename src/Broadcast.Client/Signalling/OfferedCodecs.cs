using Broadcast.Rtc;
using Broadcast.Rtc.HeaderExtensions;

namespace Broadcast.Client.Signalling;

/// <summary>The codecs and extensions this tool offers, with the numbers Chromium uses.</summary>
internal static class OfferedCodecs
{
    /// <summary>Opus.</summary>
    public const byte OpusPayloadType = 111;

    /// <summary>A video codec as offered.</summary>
    /// <param name="Kind">Which.</param>
    /// <param name="PayloadType">Its number; that of its retransmissions follows it.</param>
    /// <param name="Parameters">a=fmtp.</param>
    public sealed record VideoCodec(CodecKind Kind, byte PayloadType, string Parameters)
    {
        /// <summary>Retransmissions (RFC 4588).</summary>
        public byte RtxPayloadType => (byte)(PayloadType + 1);
    }

    /// <summary>In Chromium's order.</summary>
    public static IReadOnlyList<VideoCodec> Video { get; } =
    [
        new(CodecKind.Vp8, 96, ""),
        new(CodecKind.H264, 102, "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f"),
        new(CodecKind.Av1, 45, "level-idx=5;profile=0;tier=0"),
        new(CodecKind.Vp9, 98, "profile-id=0"),
    ];

    /// <summary>Extension ids in offers.</summary>
    public static IReadOnlyList<(byte Id, HeaderExtensionKind Kind)> Extensions { get; } =
    [
        (2, HeaderExtensionKind.AbsoluteSendTime),
        (3, HeaderExtensionKind.TransportSequenceNumber),
        (4, HeaderExtensionKind.Mid),
        (5, HeaderExtensionKind.PlayoutDelay),
    ];

    /// <summary>Those of a publisher with several encodings.</summary>
    public static IReadOnlyList<(byte Id, HeaderExtensionKind Kind)> EncodingExtensions { get; } =
    [
        (10, HeaderExtensionKind.RtpStreamId),
        (11, HeaderExtensionKind.RepairedRtpStreamId),
    ];

    /// <summary>Feedback offered for video.</summary>
    public static IReadOnlyList<string> VideoFeedback { get; } = ["goog-remb", "transport-cc", "ccm fir", "nack", "nack pli"];
}
