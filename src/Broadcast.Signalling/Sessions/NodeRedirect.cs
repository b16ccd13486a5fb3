using Microsoft.AspNetCore.Http;

namespace Broadcast.Signalling.Sessions;

/// <summary>Sends a client to another node, once: a request that another node has sent here is not sent on.</summary>
internal static class NodeRedirect
{
    private const string Mark = "redirected";

    /// <summary>True when another node has sent the request here.</summary>
    public static bool Has(HttpRequest request) => request.Query.ContainsKey(Mark);

    /// <summary>307, which keeps method and body (RFC 9725 §4.5); the query is ours to keep.</summary>
    public static void Write(HttpContext context, Uri node)
    {
        var request = context.Request;
        context.Response.StatusCode = StatusCodes.Status307TemporaryRedirect;
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.Location = new Uri(node, request.PathBase + request.Path).AbsoluteUri + request.QueryString.Add(Mark, "1").ToUriComponent();
    }
}
