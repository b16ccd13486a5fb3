using System.Net;
using Broadcast.Server.Options;
using Broadcast.Signalling.Auth;

namespace Broadcast.Server.Hosting;

/// <summary>Prints the links a person opens, then <c>ready http://…</c>, on which scripts wait.</summary>
internal sealed class Announcement(ServerOptions options, TextWriter output)
{
    private const string FirstStream = "live";

    public void Print(WebApplication app)
    {
        var http = Local(app);
        var issuer = app.Services.GetRequiredService<TokenIssuer>();

        output.WriteLine($"publish  {http}/publish{Token(issuer, TokenScope.Publish)}");
        output.WriteLine($"watch    {http}/watch/{FirstStream}");
        output.WriteLine($"operate  {Management(app) ?? http}/operate{Token(issuer, TokenScope.Operate)}");
        if (KestrelSetup.UsesHttps(options))
            output.WriteLine($"https    https://{Dns.GetHostName()}:{Urls(app, Uri.UriSchemeHttps)[0].Port}");
        output.WriteLine($"ready {http}");
        output.Flush();
    }

    /// <summary>Where the operate page is, when it is on a port of its own.</summary>
    private string? Management(WebApplication app)
    {
        if (!ManagementPort.IsOn(options)) return null;
        var url = new Uri(app.Urls.TakeLast(KestrelSetup.ManagementAddresses(options).Count).First());
        return IsReachedByLocalhost(url) ? $"http://localhost:{url.Port}" : url.GetLeftPart(UriPartial.Authority);
    }

    private string Token(TokenIssuer issuer, TokenScope scope) => options.NoAuth
        ? ""
        : $"?token={issuer.Issue(scope, Grant.AnyStream, TokenIssuer.DefaultLifetime).Token.Reveal()}";

    /// <summary>Where this machine's own browser finds the node: localhost is a secure origin without HTTPS, so cameras work on the printed links.</summary>
    private string Local(WebApplication app)
    {
        var urls = Urls(app, Uri.UriSchemeHttp);
        return urls.Find(IsReachedByLocalhost) is { } url ? $"http://localhost:{url.Port}" : urls[0].GetLeftPart(UriPartial.Authority);
    }

    // What was bound: the configured port may be 0, and then each address has a port of its own.
    private List<Uri> Urls(WebApplication app, string scheme) =>
        [.. app.Urls.SkipLast(KestrelSetup.ManagementAddresses(options).Count).Select(url => new Uri(url)).Where(url => url.Scheme == scheme)];

    private static bool IsReachedByLocalhost(Uri url) =>
        !IPAddress.TryParse(url.Host, out var address)
        || address.Equals(IPAddress.Loopback) || address.Equals(IPAddress.IPv6Loopback) || address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);
}
