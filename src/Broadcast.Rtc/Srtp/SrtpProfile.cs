using System.Diagnostics.CodeAnalysis;

namespace Broadcast.Rtc.Srtp;

/// <summary>Protection profile as numbered for <c>use_srtp</c> (RFC 5764 §4.1.2, RFC 7714 §14.2).</summary>
public enum SrtpProfile : ushort
{
    /// <summary>AES-128 in counter mode with an 80-bit HMAC-SHA1 tag; the one profile every peer has.</summary>
    [SuppressMessage("Naming", "CA1707", Justification = "80 is the tag length, not part of SHA-1's name.")]
    Aes128CmSha1_80 = 0x0001,

    /// <summary>AES-128-GCM with a 128-bit tag; the cheapest on processors with AES instructions.</summary>
    AeadAes128Gcm = 0x0007,

    /// <summary>AES-256-GCM with a 128-bit tag.</summary>
    AeadAes256Gcm = 0x0008,
}

/// <summary>Lengths that follow from a profile, in bytes.</summary>
public static class SrtpProfileExtensions
{
    /// <summary>Length of the master key: 16 or 32.</summary>
    public static int MasterKeyLength(this SrtpProfile profile) => profile == SrtpProfile.AeadAes256Gcm ? 32 : 16;

    /// <summary>Length of the master salt: 14 for counter mode, 12 for GCM.</summary>
    public static int MasterSaltLength(this SrtpProfile profile) => profile == SrtpProfile.Aes128CmSha1_80 ? 14 : 12;

    /// <summary>Bytes that protection adds to an RTP packet: its tag.</summary>
    public static int RtpOverhead(this SrtpProfile profile) => profile == SrtpProfile.Aes128CmSha1_80 ? 10 : 16;

    /// <summary>Bytes that protection adds to an RTCP packet: its tag and the E flag with the index.</summary>
    public static int RtcpOverhead(this SrtpProfile profile) => profile.RtpOverhead() + 4;
}

/// <summary>Bounds that hold for every profile, in bytes.</summary>
public static class SrtpLimits
{
    /// <summary>Room to leave behind an RTP packet that is to be protected.</summary>
    public const int MaxRtpOverhead = 16;

    /// <summary>Room to leave behind an RTCP packet that is to be protected.</summary>
    public const int MaxRtcpOverhead = 20;

    /// <summary>Longest protected packet accepted or produced; longer ones are no media of ours.</summary>
    public const int MaxPacketLength = 2048;
}
