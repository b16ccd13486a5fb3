namespace Broadcast.Rtc;

/// <summary>Why a datagram, packet or report was dropped. Every early return on the packet path names one.</summary>
/// <remarks>The names become the <c>reason</c> label of the drop counter, so they are stable.</remarks>
public enum DropReason : byte
{
    /// <summary>Not dropped.</summary>
    None = 0,

    // Demultiplexing (RFC 7983)
    Empty,
    UnknownFirstByte,
    UnknownTuple,
    PeerClosed,
    HandoverQueueFull,
    UnlistedLocalAddress,

    // STUN (RFC 8489), ICE (RFC 8445)
    StunTruncated,
    StunBadLength,
    StunBadMagicCookie,
    StunMalformedAttribute,
    StunBadFingerprint,
    StunMissingUsername,
    StunMissingIntegrity,
    StunUnknownUser,
    StunBadIntegrity,
    StunNotARequest,
    StunRoleConflict,
    StunUnknownComprehensionRequired,
    StunTooManyTuples,
    StunTooShortToAnswer,

    // DTLS (RFC 6347, RFC 5764)
    DtlsBeforeIce,
    DtlsTruncated,
    DtlsMalformed,
    DtlsFailed,
    DtlsFingerprintMismatch,
    DtlsClosed,

    // SRTP, SRTCP (RFC 3711, RFC 7714)
    SrtpBeforeDtls,
    EarlyMediaFull,
    SrtpTooShort,
    SrtpReplayed,
    SrtpTooOld,
    SrtpBadAuthentication,
    SrtpTooManyStreams,
    SrtcpUnencrypted,

    // RTP (RFC 3550, RFC 8285)
    RtpTruncated,
    RtpBadVersion,
    RtpBadPadding,
    RtpBadExtension,
    RtpUnknownStream,
    RtpUnknownPayloadType,
    RtpProbe,
    RtpPaddingOnly,
    RtpDuplicate,
    RtpTooOld,
    RtpBadRtx,
    RtpFromViewer,
    RtpTooLarge,
    RtpBeforeKeyframe,

    // RTCP (RFC 3550, RFC 4585)
    RtcpTruncated,
    RtcpBadVersion,
    RtcpBadLength,
    RtcpMalformed,

    // Payload descriptors
    PayloadTruncated,
    PayloadMalformed,

    // Sending
    SendQueueFull,
    SendOverwritten,
    NackTooOld,
    NackLimited,
    NackUnknown,

    // Congestion control
    FeedbackUnknown,
    FeedbackImplausible,

    // Framing over TCP (RFC 4571)
    TcpFrameTooLarge,
    TcpNotIce,
    TcpTooManyConnections,
    TcpFrameEmpty,
    TcpIdle,
}
