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
        // localhost is a secure origin without HTTPS, so cameras work on the printed links.
        var http = $"http://localhost:{Port(app, "http://")}";
        var issuer = app.Services.GetRequiredService<TokenIssuer>();

        output.WriteLine($"publish  {http}/publish{Token(issuer, TokenScope.Publish)}");
        output.WriteLine($"watch    {http}/watch/{FirstStream}");
        output.WriteLine($"operate  {http}/operate{Token(issuer, TokenScope.Operate)}");
        if (KestrelSetup.UsesHttps(options))
            output.WriteLine($"https    https://{Dns.GetHostName()}:{Port(app, "https://")}");
        output.WriteLine($"ready {http}");
        output.Flush();
    }

    private string Token(TokenIssuer issuer, TokenScope scope) => options.NoAuth
        ? ""
        : $"?token={issuer.Issue(scope, Grant.AnyStream, TokenIssuer.DefaultLifetime).Token.Reveal()}";

    // The port that was bound: the configured one may be 0.
    private static int Port(WebApplication app, string scheme) =>
        app.Urls.Where(url => url.StartsWith(scheme, StringComparison.Ordinal)).Select(url => new Uri(url.Replace("[::]", "localhost", StringComparison.Ordinal)).Port).FirstOrDefault();
}
