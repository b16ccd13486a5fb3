using System.Net.Security;
using System.Security.Cryptography;
using Broadcast.Server.Options;

namespace Broadcast.Server.Hosting;

/// <summary>The certificate of HTTPS, read again when its files change. Connections keep the one they began with.</summary>
internal sealed partial class CertificateKeeper
{
    private readonly ServerOptions _options;
    private readonly Lock _reading = new();
    private volatile SslStreamCertificateContext _current;
    private string _seen;

    /// <exception cref="InvalidDataException">The files do not make a certificate with a key.</exception>
    public CertificateKeeper(ServerOptions options)
    {
        _options = options;
        // Looked at before it is read: a change in between is then seen as one.
        _seen = Fingerprint();
        _current = Read();
    }

    /// <summary>What new connections get.</summary>
    public SslStreamCertificateContext Current => _current;

    /// <summary>Takes new files over. A pair that cannot be used is logged once, and the old one goes on.</summary>
    public void Refresh(ILogger log)
    {
        if (_options.Cert.Length == 0) return;
        lock (_reading)
        {
            try
            {
                var now = Fingerprint();
                if (now == _seen) return;
                _seen = now;
                _current = Read();
                Taken(log, _options.Cert, _current.TargetCertificate.NotAfter.ToUniversalTime());
            }
            catch (Exception exception) when (exception is InvalidDataException or IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
            {
                Refused(log, _options.Cert, exception.Message);
            }
        }
    }

    private SslStreamCertificateContext Read()
    {
        var (certificate, chain) = Certificates.Load(_options);
        return SslStreamCertificateContext.Create(certificate, chain, offline: true);
    }

    // The content, not the time: links and mounted secrets change their target.
    private string Fingerprint() => string.Join('.', new[] { _options.Cert, _options.Key }.Where(file => file.Length > 0).Select(Hash));

    private static string Hash(string file)
    {
        try
        {
            return Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file)));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return "unreadable";
        }
    }

    [LoggerMessage(120, LogLevel.Information, "New certificate from {File}, valid until {Until:yyyy-MM-dd}")]
    private static partial void Taken(ILogger logger, string file, DateTime until);

    [LoggerMessage(121, LogLevel.Error, "The new certificate in {File} is not used, the old one goes on: {Reason}")]
    private static partial void Refused(ILogger logger, string file, string reason);
}
