using System.Net;
using System.Net.NetworkInformation;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Broadcast.Server.Options;

namespace Broadcast.Server.Hosting;

/// <summary>The certificate of HTTPS: given, or generated for development.</summary>
internal static class Certificates
{
    private static readonly TimeSpan DevelopmentLifetime = TimeSpan.FromDays(365);

    /// <summary>The certificate with its key, and the chain to be sent along.</summary>
    /// <exception cref="InvalidDataException">The files do not make a certificate with a key.</exception>
    public static (X509Certificate2 Certificate, X509Certificate2Collection Chain) Load(ServerOptions options)
    {
        var chain = new X509Certificate2Collection();
        if (options.Cert.Length == 0)
            return (LoadOrCreateDevelopment(options.Data), chain);
        try
        {
            if (options.Key.Length == 0)
                return (X509CertificateLoader.LoadPkcs12FromFile(options.Cert, password: null), chain);
            // Clients know the root only: without the intermediates of the file they trust nothing.
            chain.ImportFromPemFile(options.Cert);
            return (X509Certificate2.CreateFromPemFile(options.Cert, options.Key), chain);
        }
        catch (CryptographicException exception)
        {
            throw new InvalidDataException($"{options.Cert} cannot be used: {exception.Message} A PEM certificate needs --key.", exception);
        }
    }

    private static X509Certificate2 LoadOrCreateDevelopment(string folder)
    {
        var file = Path.Combine(folder, "dev-cert.pfx");
        if (File.Exists(file))
        {
            var kept = X509CertificateLoader.LoadPkcs12FromFile(file, password: null);
            if (kept.NotAfter > DateTime.Now.AddDays(7))
                return kept;
            kept.Dispose();
            File.Delete(file);
        }

        Directory.CreateDirectory(folder);
        var pfx = CreateDevelopment();
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var stream = new FileStream(file, options))
            stream.Write(pfx);
        return X509CertificateLoader.LoadPkcs12(pfx, password: null);
    }

    private static byte[] CreateDevelopment()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Broadcast development", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddDnsName(Dns.GetHostName());
        foreach (var address in LocalAddresses())
            names.AddIpAddress(address);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], critical: false));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        var now = DateTimeOffset.UtcNow;
        using var certificate = request.CreateSelfSigned(now.AddHours(-1), now + DevelopmentLifetime);
        return certificate.Export(X509ContentType.Pfx);
    }

    private static IEnumerable<IPAddress> LocalAddresses() => NetworkInterface.GetAllNetworkInterfaces()
        .Where(card => card.OperationalStatus == OperationalStatus.Up)
        .SelectMany(card => card.GetIPProperties().UnicastAddresses)
        .Select(unicast => unicast.Address)
        .Where(address => !address.IsIPv6LinkLocal);
}
