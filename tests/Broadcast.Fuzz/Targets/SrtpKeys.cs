using Broadcast.Rtc.Srtp;

namespace Broadcast.Fuzz.Targets;

/// <summary>Fixed keys for both ends of each profile.</summary>
internal static class SrtpKeys
{
    public static readonly SrtpProfile[] Profiles = [SrtpProfile.AeadAes128Gcm, SrtpProfile.AeadAes256Gcm, SrtpProfile.Aes128CmSha1_80];

    public static SrtpSender Sender(SrtpProfile profile) => new(profile, Key(profile), Salt(profile));

    public static SrtpReceiver Receiver(SrtpProfile profile) => new(profile, Key(profile), Salt(profile));

    public static bool Contains(IReadOnlyList<byte[]> packets, ReadOnlySpan<byte> packet)
    {
        foreach (var known in packets)
        {
            if (packet.SequenceEqual(known)) return true;
        }

        return false;
    }

    private static byte[] Key(SrtpProfile profile) => [.. Enumerable.Range(1, profile.MasterKeyLength()).Select(i => (byte)i)];

    private static byte[] Salt(SrtpProfile profile) => [.. Enumerable.Range(101, profile.MasterSaltLength()).Select(i => (byte)i)];
}
