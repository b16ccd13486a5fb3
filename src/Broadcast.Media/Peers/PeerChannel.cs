using Broadcast.Media.Send;
using Broadcast.Rtc.Srtp;

namespace Broadcast.Media.Peers;

/// <summary>The encrypted way to one peer: its selected path and its SRTP sender.</summary>
/// <remarks>Owned by one MediaWorker; not thread-safe.</remarks>
public sealed class PeerChannel(IceLiteAgent ice)
{
    /// <summary>Room for one compound RTCP datagram.</summary>
    public const int MaxRtcpLength = 1200;

    /// <summary>Null until DTLS is done and after the session ended.</summary>
    public SrtpSender? Srtp { get; set; }

    /// <summary>False while consent is stale; then nothing is sent (RFC 7675).</summary>
    public bool HasConsent { get; set; }

    /// <summary>True when a packet can go out now.</summary>
    public bool CanSend => HasConsent && Srtp is not null && ice.IsValidated;

    /// <summary>Where packets go.</summary>
    public TransportPath Path => ice.SelectedPath;

    /// <summary>Encrypts and sends the compound packet that was written into <paramref name="slot"/>, which was reserved with room for the trailer.</summary>
    public void CommitRtcp(PacketOutput output, Span<byte> slot, int length)
    {
        if (length == 0 || !CanSend) return;
        var protectedLength = Srtp!.ProtectRtcp(slot, length);
        if (protectedLength > 0) output.Commit(ice.SelectedPath, protectedLength);
    }
}
