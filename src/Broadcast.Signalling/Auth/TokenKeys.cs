using System.Security.Cryptography;
using System.Text;
using Microsoft.IdentityModel.Tokens;

namespace Broadcast.Signalling.Auth;

/// <summary>The keys tokens are signed and verified with; files are read once at start.</summary>
/// <remarks>One HMAC key of our own signs and verifies; its predecessors, and public keys of others, only verify (RFC 7518). Thread-safe.</remarks>
public sealed class TokenKeys
{
    private const int GeneratedKeyBytes = 32;

    private static readonly string[] SymmetricAlgorithms = [SecurityAlgorithms.HmacSha256];

    private static readonly string[] AsymmetricAlgorithms =
    [
        SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512,
        SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.RsaSsaPssSha384, SecurityAlgorithms.RsaSsaPssSha512,
        SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384, SecurityAlgorithms.EcdsaSha512,
    ];

    private readonly SecurityKey[] _own;
    private volatile SecurityKey[] _all;

    private TokenKeys(SymmetricSecurityKey signing, SecurityKey[] own, bool hasPublicKeys)
    {
        Signing = new SigningCredentials(signing, SecurityAlgorithms.HmacSha256);
        _own = _all = own;
        // Only algorithms a configured key can have: a public key must never be taken for an HMAC secret.
        Algorithms = hasPublicKeys ? [.. SymmetricAlgorithms, .. AsymmetricAlgorithms] : SymmetricAlgorithms;
    }

    internal SigningCredentials Signing { get; }

    internal IReadOnlyList<string> Algorithms { get; }

    /// <summary>Reads the configured keys; generates <see cref="AuthOptions.SecretFile"/> when it is missing.</summary>
    /// <exception cref="InvalidDataException">A key is too short or a file is no key; the message says which.</exception>
    public static TokenKeys Load(AuthOptions options)
    {
        var signing = Symmetric(LoadSecret(options));
        var others = options.OtherSecretFiles.Select(file => Symmetric(LoadSecretFile(file)));
        SecurityKey[] own = [signing, .. others, .. options.PublicKeyFiles.Select(LoadPublicKey)];
        return new TokenKeys(signing, own, options.PublicKeyFiles.Count + options.JwksUrls.Count > 0);
    }

    /// <summary>Replaces what was fetched of other issuers.</summary>
    internal void SetRemote(IReadOnlyList<SecurityKey> keys) => _all = [.. _own, .. keys];

    /// <summary>The keys to try on a token: those that it names, else all.</summary>
    internal IEnumerable<SecurityKey> For(string? keyId)
    {
        var all = _all;
        var named = Array.FindAll(all, key => key.KeyId is { Length: > 0 } known && known == keyId);
        return named.Length > 0 ? named : all;
    }

    // Two keys of one node have two names; from the name nobody learns the key.
    private static SymmetricSecurityKey Symmetric(byte[] key) => new(key) { KeyId = Convert.ToHexStringLower(SHA256.HashData(key).AsSpan(0, 8)) };

    private static byte[] LoadSecret(AuthOptions options)
    {
        if (!string.IsNullOrEmpty(options.Secret))
            return LongEnough(Encoding.UTF8.GetBytes(options.Secret), "Broadcast:Auth:Secret");
        if (string.IsNullOrEmpty(options.SecretFile))
            return RandomNumberGenerator.GetBytes(GeneratedKeyBytes);

        var file = options.SecretFile;
        if (!File.Exists(file))
            WriteNewSecret(file);
        return LoadSecretFile(file);
    }

    private static byte[] LoadSecretFile(string file)
    {
        if (!File.Exists(file))
            throw new InvalidDataException($"The key file {file} does not exist.");
        try
        {
            return LongEnough(Convert.FromBase64String(File.ReadAllText(file).Trim()), file);
        }
        catch (FormatException)
        {
            throw new InvalidDataException($"{file} does not hold a base64 key. Delete it to have a new one generated.");
        }
    }

    private static byte[] LongEnough(byte[] key, string where) => key.Length >= GeneratedKeyBytes
        ? key
        : throw new InvalidDataException($"{where} is shorter than {GeneratedKeyBytes} bytes; use a longer random key.");

    private static void WriteNewSecret(string file)
    {
        if (Path.GetDirectoryName(Path.GetFullPath(file)) is { Length: > 0 } folder)
            Directory.CreateDirectory(folder);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var writer = new StreamWriter(file, options);
        writer.WriteLine(Convert.ToBase64String(RandomNumberGenerator.GetBytes(GeneratedKeyBytes)));
    }

    private static SecurityKey LoadPublicKey(string file)
    {
        var pem = File.ReadAllText(file);
        var keyId = Path.GetFileNameWithoutExtension(file);
        try
        {
            var ecdsa = ECDsa.Create();
            ecdsa.ImportFromPem(pem);
            return new ECDsaSecurityKey(ecdsa) { KeyId = keyId };
        }
        catch (Exception exception) when (exception is ArgumentException or CryptographicException)
        {
            // Not an EC key: RSA is the other kind there is.
        }

        try
        {
            var rsa = RSA.Create();
            rsa.ImportFromPem(pem);
            return new RsaSecurityKey(rsa) { KeyId = keyId };
        }
        catch (Exception exception) when (exception is ArgumentException or CryptographicException)
        {
            throw new InvalidDataException($"{file} holds neither an EC nor an RSA public key in PEM form.", exception);
        }
    }
}
