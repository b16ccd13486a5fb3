using System.Security.Cryptography;

namespace Broadcast.Rtc.Srtp;

/// <summary>Master key and salt of one direction, from which session keys are derived when first needed.</summary>
internal sealed class SrtpMasterKey : IDisposable
{
    private readonly byte[] _keyAndSalt;

    /// <summary>Copies a master key and salt.</summary>
    /// <exception cref="ArgumentException">A length does not fit the profile, or the profile is unknown.</exception>
    public SrtpMasterKey(SrtpProfile profile, ReadOnlySpan<byte> key, ReadOnlySpan<byte> salt)
    {
        if (!Enum.IsDefined(profile)) throw new ArgumentException("Unknown SRTP profile.", nameof(profile));
        if (key.Length != profile.MasterKeyLength()) throw new ArgumentException("The master key's length does not fit the profile.", nameof(key));
        if (salt.Length != profile.MasterSaltLength()) throw new ArgumentException("The master salt's length does not fit the profile.", nameof(salt));
        Profile = profile;
        _keyAndSalt = [.. key, .. salt];
    }

    public SrtpProfile Profile { get; }

    /// <summary>Derives a session key (RFC 3711 §4.3).</summary>
    public void Derive(SrtpKeyLabel label, Span<byte> sessionKey)
    {
        var keyLength = Profile.MasterKeyLength();
        SrtpKeyDerivation.Derive(_keyAndSalt.AsSpan(0, keyLength), _keyAndSalt.AsSpan(keyLength), label, sessionKey);
    }

    /// <inheritdoc/>
    public void Dispose() => CryptographicOperations.ZeroMemory(_keyAndSalt);
}
