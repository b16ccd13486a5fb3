namespace Broadcast.Rtc.Dtls;

/// <summary>Which end of the handshake this is; settled by <c>a=setup</c> (RFC 5763 §5).</summary>
public enum DtlsRole : byte
{
    /// <summary>Waits for the peer's ClientHello (<c>setup:passive</c>).</summary>
    Server,

    /// <summary>Sends the ClientHello (<c>setup:active</c>), for peers that are passive themselves.</summary>
    Client,
}

/// <summary>Progress of one DTLS association.</summary>
/// <remarks>
/// <code>
/// New ──first datagram (server), Start (client)──▶ Connecting ──both Finished, fingerprint verified──▶ Connected
///  │                                                  │                                                   │
///  └──────────────── Close ──────────▶ Closed ◀───────┴─────────── Close, close_notify, fatal alert ──────┘
///                                                     └── alert, bad certificate, no SRTP profile, 30 s ──▶ Failed
/// </code>
/// </remarks>
public enum DtlsState : byte
{
    /// <summary>Nothing sent or received.</summary>
    New,

    /// <summary>Handshake under way.</summary>
    Connecting,

    /// <summary>Done: the peer's certificate matched and keying material is there.</summary>
    Connected,

    /// <summary>Ended by either side.</summary>
    Closed,

    /// <summary>The handshake did not succeed; see <see cref="DtlsTransport.FailureReason"/>.</summary>
    Failed,
}
