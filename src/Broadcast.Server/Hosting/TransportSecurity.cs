using System.Globalization;
using Broadcast.Server.Options;
using Broadcast.Signalling.Http;

namespace Broadcast.Server.Hosting;

/// <summary>Tells browsers that came by HTTPS to come by nothing else for a while (RFC 6797).</summary>
internal static class TransportSecurity
{
    /// <summary>Adds the header to every answer over TLS, with a certificate that is meant for others; a browser must not be bound to a self-signed one.</summary>
    public static void UseTransportSecurity(this WebApplication app, ServerOptions options)
    {
        var age = app.Services.GetRequiredService<SignallingOptions>().StrictTransportMaxAge;
        if (options.Cert.Length == 0 || age == TimeSpan.Zero) return;
        var value = string.Create(CultureInfo.InvariantCulture, $"max-age={(long)age.TotalSeconds}");
        app.Use((context, next) =>
        {
            if (context.Request.IsHttps) context.Response.Headers.StrictTransportSecurity = value;
            return next(context);
        });
    }
}
