using System.Security.Cryptography.X509Certificates;
using Broadcast.Server.Hosting;
using Broadcast.Server.Options;

namespace Broadcast.Server.Doctor;

/// <summary>Is the certificate of HTTPS one that browsers will take for a while?</summary>
internal static class CertificateCheck
{
    private const string Name = "certificate";
    private static readonly TimeSpan Soon = TimeSpan.FromDays(14);

    public static Finding Run(ServerOptions options, DateTimeOffset now)
    {
        if (options.Cert.Length == 0)
        {
            return options.DevCert
                ? Finding.Warn(Name, "one for development, which browsers ask about. Give --cert and --key before others use the node.")
                : Finding.Ok(Name, "none: HTTP only; cameras work on localhost and behind a proxy that speaks HTTPS");
        }

        X509Certificate2 certificate;
        try
        {
            // Loading proves that the key belongs to it.
            (certificate, _) = Certificates.Load(options);
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            return Finding.Fail(Name, exception.Message);
        }

        using (certificate)
        {
            var (from, until) = (new DateTimeOffset(certificate.NotBefore), new DateTimeOffset(certificate.NotAfter));
            if (!certificate.HasPrivateKey) return Finding.Fail(Name, $"{options.Cert} has no private key. Give --key.");
            if (until <= now) return Finding.Fail(Name, $"{options.Cert} expired on {until.UtcDateTime:yyyy-MM-dd}. Renew it.");
            if (from > now) return Finding.Fail(Name, $"{options.Cert} is valid only from {from.UtcDateTime:yyyy-MM-dd HH:mm} UTC. Look at the clock of this machine.");
            return until - now < Soon
                ? Finding.Warn(Name, $"{options.Cert} expires on {until.UtcDateTime:yyyy-MM-dd}. Renew it; a running node takes the new files by itself.")
                : Finding.Ok(Name, $"{certificate.Subject}, valid until {until.UtcDateTime:yyyy-MM-dd}");
        }
    }
}
