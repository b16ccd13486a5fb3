using Broadcast.Rtc;

namespace Broadcast.Client.Connections;

/// <summary>What a peer does with its media once ICE and DTLS are through. Called by the loop's thread only.</summary>
internal interface IPeerMedia
{
    /// <summary>When <see cref="HandleTimeout"/> is due.</summary>
    MonotonicTime NextTimeout { get; }

    /// <summary>Keys are there: media may flow.</summary>
    void HandleConnected(Peer peer, MonotonicTime now);

    /// <summary>An SRTP packet, still protected; it may be decrypted in place.</summary>
    /// <param name="packet">The datagram.</param>
    /// <param name="arrival">When the kernel had it.</param>
    void HandleRtp(Span<byte> packet, MonotonicTime arrival);

    /// <summary>An RTCP packet, authenticated and plain.</summary>
    void HandleRtcp(ReadOnlySpan<byte> packet, MonotonicTime now);

    /// <summary>The deadline has come.</summary>
    void HandleTimeout(MonotonicTime now);

    /// <summary>The association is over: close_notify, failed handshake or lost consent.</summary>
    void HandleClosed(string reason);
}
