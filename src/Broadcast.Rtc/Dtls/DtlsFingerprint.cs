using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using Broadcast.Rtc.OpenSsl;

namespace Broadcast.Rtc.Dtls;

/// <summary>A certificate hash as in <c>a=fingerprint</c> (RFC 8122 §5): SHA-256, SHA-384 or SHA-512.</summary>
/// <remarks>SHA-1 and MD5 are refused: they no longer bind a peer to its certificate.</remarks>
public sealed class DtlsFingerprint
{
    private readonly byte[] _hash;

    /// <summary>Creates a fingerprint.</summary>
    /// <param name="algorithm">"sha-256", "sha-384" or "sha-512", in any case.</param>
    /// <param name="hash">32, 48 or 64 bytes.</param>
    /// <exception cref="ArgumentException">The algorithm is not accepted or the hash has not its length.</exception>
    public DtlsFingerprint(string algorithm, byte[] hash)
    {
        ArgumentNullException.ThrowIfNull(algorithm);
        ArgumentNullException.ThrowIfNull(hash);
        Algorithm = Canonical(algorithm, out var length) ?? throw new ArgumentException("Not an accepted hash algorithm.", nameof(algorithm));
        if (hash.Length != length) throw new ArgumentException("The hash has not the algorithm's length.", nameof(hash));
        _hash = [.. hash];
    }

    /// <summary>The algorithm in lower case.</summary>
    public string Algorithm { get; }

    /// <summary>The hash.</summary>
    public ReadOnlySpan<byte> Hash => _hash;

    /// <summary>Parses "sha-256 AB:CD:…", any case.</summary>
    /// <returns>False for another algorithm, a wrong length, or anything malformed.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out DtlsFingerprint? fingerprint)
    {
        fingerprint = null;
        text = text.Trim();
        var space = text.IndexOf(' ');
        if (space < 0) return false;
        var algorithm = Canonical(text[..space], out var length);
        var digits = text[(space + 1)..].TrimStart();
        if (algorithm is null || digits.Length != (length * 3) - 1) return false;

        var hash = new byte[length];
        for (var i = 0; i < length; i++)
        {
            if (!byte.TryParse(digits.Slice(i * 3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out hash[i])) return false;
            if (i < length - 1 && digits[(i * 3) + 2] != ':') return false;
        }

        fingerprint = new DtlsFingerprint(algorithm, hash);
        return true;
    }

    /// <summary>The form <see cref="TryParse"/> reads.</summary>
    public override string ToString() => $"{Algorithm} {Format(_hash)}";

    /// <summary>Bytes as "AB:CD:…".</summary>
    internal static string Format(ReadOnlySpan<byte> hash)
    {
        var hex = Convert.ToHexString(hash);
        return string.Create((hash.Length * 3) - 1, hex, static (text, hex) =>
        {
            for (var i = 0; i < text.Length; i++) text[i] = i % 3 == 2 ? ':' : hex[i - (i / 3)];
        });
    }

    /// <summary>Whether a native X.509 certificate has this hash.</summary>
    internal unsafe bool Matches(nint certificate)
    {
        var digest = _hash.Length switch
        {
            32 => LibCrypto.EVP_sha256(),
            48 => LibCrypto.EVP_sha384(),
            _ => LibCrypto.EVP_sha512(),
        };
        var actual = stackalloc byte[64];
        uint length;
        return LibCrypto.X509_digest(certificate, digest, actual, &length) == 1
            && CryptographicOperations.FixedTimeEquals(new ReadOnlySpan<byte>(actual, (int)length), _hash);
    }

    private static string? Canonical(ReadOnlySpan<char> algorithm, out int length)
    {
        (var name, length) = algorithm switch
        {
            _ when algorithm.Equals("sha-256", StringComparison.OrdinalIgnoreCase) => ("sha-256", 32),
            _ when algorithm.Equals("sha-384", StringComparison.OrdinalIgnoreCase) => ("sha-384", 48),
            _ when algorithm.Equals("sha-512", StringComparison.OrdinalIgnoreCase) => ("sha-512", 64),
            _ => ((string?)null, 0),
        };
        return name;
    }
}
