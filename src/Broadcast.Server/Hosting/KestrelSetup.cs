using System.Net;
using System.Net.Security;
using Broadcast.Server.Options;
using Broadcast.Signalling.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Broadcast.Server.Hosting;

/// <summary>The HTTP server: where it listens and what it tolerates.</summary>
internal static class KestrelSetup
{
    public static bool UsesHttps(ServerOptions options) => options.Cert.Length > 0 || options.DevCert;

    public static void Configure(WebApplicationBuilder builder, ServerOptions options, CertificateKeeper? certificate)
    {
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            // Handlers refuse what is over their own limit with a problem document; this is the backstop.
            kestrel.Limits.MaxRequestBodySize = 4 * RequestBody.MaxLength;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
            kestrel.Limits.KeepAliveTimeout = TimeSpan.FromMinutes(2);
            Listen(kestrel, options, options.HttpPort, listen => listen.Protocols = HttpProtocols.Http1);
            if (certificate is not null)
                ListenSecurely(kestrel, options, certificate);
            // The last, so that it is known which of the bound addresses are its own.
            foreach (var address in ManagementAddresses(options))
            {
                kestrel.Listen(address, options.ManagementPort!.Value, listen =>
                {
                    listen.Protocols = HttpProtocols.Http1;
                    ManagementPort.Open(listen);
                });
            }
        });
    }

    /// <summary>Where management listens; empty when it has no port of its own.</summary>
    public static IReadOnlyList<IPAddress> ManagementAddresses(ServerOptions options) =>
        !ManagementPort.IsOn(options) ? []
        : options.ManagementIp.Count == 0 ? [IPAddress.Loopback]
        : [.. options.ManagementIp.Select(IPAddress.Parse)];

    private static void ListenSecurely(KestrelServerOptions kestrel, ServerOptions options, CertificateKeeper certificate) =>
        Listen(kestrel, options, options.HttpsPort, listen =>
        {
            listen.Protocols = HttpProtocols.Http1AndHttp2;
            // Asked for each connection, so a renewed certificate counts at once.
            listen.UseHttps(new TlsHandshakeCallbackOptions
            {
                OnConnection = _ => ValueTask.FromResult(new SslServerAuthenticationOptions
                {
                    ServerCertificateContext = certificate.Current,
                    ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
                }),
            });
        });

    private static void Listen(KestrelServerOptions kestrel, ServerOptions options, int port, Action<ListenOptions> configure)
    {
        var addresses = options.HostIp.Select(IPAddress.Parse).ToList();
        if (addresses.Count == 0)
        {
            kestrel.ListenAnyIP(port, configure);
            return;
        }

        // Management, health checks and the printed links need loopback whatever else is listened on.
        if (!addresses.Any(address => IPAddress.IsLoopback(address) || address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any)))
            addresses.Insert(0, IPAddress.Loopback);
        foreach (var address in addresses)
            kestrel.Listen(address, port, configure);
    }
}
