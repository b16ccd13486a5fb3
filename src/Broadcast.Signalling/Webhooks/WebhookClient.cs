using System.Net;
using System.Net.Sockets;

namespace Broadcast.Signalling.Webhooks;

/// <summary>The way to targets; tests have one of their own.</summary>
internal sealed record WebhookNetwork(HttpClient Client);

/// <summary>Connects to targets, and to nothing that a target's name or answer may lead to besides.</summary>
/// <remarks>
/// The addresses of a name are looked at in the moment of the connection, and the very address that was looked at is connected to: a name that
/// means another address a moment later gains nothing. Redirects are answers, and no proxy goes where we would not.
/// </remarks>
internal static class WebhookClient
{
    public static HttpClient Create(bool allowInternal) => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseProxy = false,
        UseCookies = false,
        PooledConnectionLifetime = TimeSpan.FromMinutes(2),
        ConnectCallback = (context, cancellation) => ConnectAsync(context.DnsEndPoint, allowInternal, cancellation),
    });

    private static async ValueTask<Stream> ConnectAsync(DnsEndPoint target, bool allowInternal, CancellationToken cancellation)
    {
        var addresses = IPAddress.TryParse(target.Host, out var literal) ? [literal] : await Dns.GetHostAddressesAsync(target.Host, cancellation);
        var allowed = addresses.Where(address => allowInternal || PublicAddress.IsPublic(address)).ToArray();
        if (allowed.Length == 0)
            throw new HttpRequestException(HttpRequestError.ConnectionError, addresses.Length == 0 ? $"{target.Host} has no address" : $"{target.Host} is an address of this machine or of a private network, and Webhooks:AllowInternal is not set");
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, target.Port, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
