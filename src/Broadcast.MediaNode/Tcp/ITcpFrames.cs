using Broadcast.Media.Peers;
using Broadcast.Rtc;

namespace Broadcast.MediaNode.Tcp;

/// <summary>Takes what TCP connections bring. Called on the worker's thread.</summary>
public interface ITcpFrames
{
    /// <summary>A frame has come: a STUN, DTLS, RTP or RTCP packet as by UDP.</summary>
    /// <param name="path">The path to answer on.</param>
    /// <param name="frame">Writable; valid during the call.</param>
    /// <param name="now">The time of reading; TCP has no other.</param>
    /// <returns><see cref="DropReason.None"/> when a peer took it; only that keeps the connection from being idle.</returns>
    DropReason OnFrame(in TransportPath path, Span<byte> frame, MonotonicTime now);

    /// <summary>The connection is gone; nothing can be sent on the path any more.</summary>
    /// <param name="path">The path.</param>
    /// <param name="reason">Why it was closed by this side; <see cref="DropReason.None"/> when the peer or the network ended it, or <see cref="TcpConnections.Close"/> did.</param>
    void OnClosed(in TransportPath path, DropReason reason);

    /// <summary>A connection was closed before it could say anything.</summary>
    /// <param name="reason">Which limit it met, or that it came to an address that is not listened on.</param>
    void OnRefused(DropReason reason);
}
