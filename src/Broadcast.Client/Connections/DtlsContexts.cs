using Broadcast.Rtc.Dtls;
using Broadcast.Rtc.Srtp;

namespace Broadcast.Client.Connections;

/// <summary>DTLS contexts that offer one SRTP profile, so that servers are compared at the same cipher.</summary>
internal static class DtlsContexts
{
    /// <summary>A context for a profile; null offers all.</summary>
    public static DtlsContext Create(DtlsCertificate certificate, SrtpProfile? profile) => profile is null
        ? new DtlsContext(certificate)
        : new DtlsContext(certificate, DtlsContext.DefaultCiphers, NameOf(profile.Value));

    private static string NameOf(SrtpProfile profile) => profile switch
    {
        SrtpProfile.AeadAes128Gcm => "SRTP_AEAD_AES_128_GCM",
        SrtpProfile.AeadAes256Gcm => "SRTP_AEAD_AES_256_GCM",
        _ => "SRTP_AES128_CM_SHA1_80",
    };
}
