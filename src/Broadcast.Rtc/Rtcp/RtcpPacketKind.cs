namespace Broadcast.Rtc.Rtcp;

/// <summary>The RTCP packets this server reads, by packet type and format.</summary>
public enum RtcpPacketKind : byte
{
    /// <summary>Anything else (XR, RFC 8888 …): skipped by <see cref="RtcpReader"/>.</summary>
    Unknown,

    /// <summary>SR, type 200 (RFC 3550 §6.4.1).</summary>
    SenderReport,

    /// <summary>RR, type 201 (RFC 3550 §6.4.2).</summary>
    ReceiverReport,

    /// <summary>SDES, type 202 (RFC 3550 §6.5).</summary>
    SourceDescription,

    /// <summary>BYE, type 203 (RFC 3550 §6.6).</summary>
    Bye,

    /// <summary>APP, type 204 (RFC 3550 §6.7).</summary>
    Application,

    /// <summary>Generic NACK, type 205 format 1 (RFC 4585 §6.2.1).</summary>
    Nack,

    /// <summary>Type 205 format 15 (draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1).</summary>
    TransportFeedback,

    /// <summary>PLI, type 206 format 1 (RFC 4585 §6.3.1).</summary>
    PictureLossIndication,

    /// <summary>FIR, type 206 format 4 (RFC 5104 §4.3.1).</summary>
    FullIntraRequest,

    /// <summary>REMB, type 206 format 15 with the identifier "REMB" (draft-alvestrand-rmcat-remb-03 §2).</summary>
    ReceiverEstimatedMaximumBitrate,
}
