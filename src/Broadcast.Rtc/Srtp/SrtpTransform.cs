namespace Broadcast.Rtc.Srtp;

/// <summary>Encryption and authentication of RTP or of RTCP under the session keys of one direction.</summary>
/// <remarks>
/// Not thread-safe. Lengths and room have been checked by the caller. An RTP transform keeps its native context; an
/// RTCP transform keeps the key and makes a context for each packet, since 143 ns a few times a second cost less
/// than 1 KB per direction and viewer.
/// </remarks>
internal abstract class SrtpTransform : IDisposable
{
    /// <summary>Creates the transform of one direction from its master key.</summary>
    public static SrtpTransform Create(SrtpMasterKey master, bool rtcp) =>
        master.Profile == SrtpProfile.Aes128CmSha1_80 ? CounterModeTransform.Create(master, rtcp) : GcmTransform.Create(master, rtcp);

    /// <summary>Protects <c>packet[..length]</c> in place.</summary>
    /// <returns>The protected length.</returns>
    public abstract int ProtectRtp(Span<byte> packet, int headerLength, int length, uint rolloverCounter);

    /// <summary>Checks and decrypts a whole packet in place. On failure the packet may be garbage.</summary>
    public abstract bool UnprotectRtp(Span<byte> packet, int headerLength, uint rolloverCounter, out int length);

    /// <summary>Protects <c>packet[..length]</c> in place, always encrypting.</summary>
    /// <returns>The protected length.</returns>
    public abstract int ProtectRtcp(Span<byte> packet, int length, uint index);

    /// <summary>Checks and decrypts a whole encrypted packet in place. On failure the packet may be garbage.</summary>
    public abstract bool UnprotectRtcp(Span<byte> packet, out int length);

    /// <summary>Where the E flag and the index lie in a protected RTCP packet of a given length.</summary>
    public abstract int RtcpIndexOffset(int packetLength);

    /// <inheritdoc/>
    public abstract void Dispose();
}
