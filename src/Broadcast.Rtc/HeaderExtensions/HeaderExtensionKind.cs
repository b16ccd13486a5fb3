namespace Broadcast.Rtc.HeaderExtensions;

/// <summary>The RTP header extensions this server understands (RFC 8285), independent of negotiated ids.</summary>
/// <remarks>The numeric values are also the tags under which values are stored beside a cached packet.</remarks>
public enum HeaderExtensionKind : byte
{
    /// <summary>urn:ietf:params:rtp-hdrext:sdes:mid (RFC 9143).</summary>
    Mid = 0,

    /// <summary>urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id (RFC 8852).</summary>
    RtpStreamId = 1,

    /// <summary>urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id (RFC 8852).</summary>
    RepairedRtpStreamId = 2,

    /// <summary>draft-holmer-rmcat-transport-wide-cc-extensions-01: 2 bytes.</summary>
    TransportSequenceNumber = 3,

    /// <summary>abs-send-time: 3 bytes, 6.18 fixed-point seconds.</summary>
    AbsoluteSendTime = 4,

    /// <summary>urn:ietf:params:rtp-hdrext:ssrc-audio-level (RFC 6464): 1 byte.</summary>
    AudioLevel = 5,

    /// <summary>urn:3gpp:video-orientation: 1 byte.</summary>
    VideoOrientation = 6,

    /// <summary>playout-delay: 3 bytes, two 12-bit values of 10 ms.</summary>
    PlayoutDelay = 7,

    /// <summary>abs-capture-time: 8 or 16 bytes.</summary>
    AbsoluteCaptureTime = 8,

    /// <summary>video-layers-allocation00: 1 to about 60 bytes; read on ingest, never forwarded.</summary>
    VideoLayersAllocation = 9,

    /// <summary>AV1 dependency descriptor: 3 to over 100 bytes.</summary>
    DependencyDescriptor = 10,

    /// <summary>color-space: 4 or 28 bytes.</summary>
    ColorSpace = 11,

    /// <summary>video-content-type: 1 byte.</summary>
    VideoContentType = 12,
}
