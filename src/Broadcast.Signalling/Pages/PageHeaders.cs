using Microsoft.AspNetCore.Http;

namespace Broadcast.Signalling.Pages;

/// <summary>Headers of pages and their files.</summary>
internal static class PageHeaders
{
    // Styles may be inline: custom elements carry their own. Scripts may not.
    private const string Policy =
        "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; media-src 'self' blob: data:; " +
        "worker-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'self'; connect-src 'self'";

    /// <summary>In a cluster players are sent to other nodes, which come and go while a page is open, and may be too many to be listed.</summary>
    private const string OtherNodes = " http: https:";

    private const string Framed = "; frame-ancestors *";
    private const string NotFramed = "; frame-ancestors 'self'";

    public static void Write(HttpContext context, bool inCluster)
    {
        var headers = context.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        // Revalidated by ETag each time: a new version shows at once, an old one costs a 304.
        headers.CacheControl = "no-cache";
        if (context.Response.ContentType?.StartsWith("text/html", StringComparison.Ordinal) == true)
        {
            headers.ContentSecurityPolicy = Policy + (inCluster ? OtherNodes : "") + (IsEmbed(context.Request) ? Framed : NotFramed);
            headers["Permissions-Policy"] = "camera=(self), microphone=(self), display-capture=(self)";
            // Addresses of pages can carry a token.
            headers["Referrer-Policy"] = "no-referrer";
        }
        else
        {
            // The player element is meant to be loaded by other sites.
            headers.AccessControlAllowOrigin = "*";
            headers["Cross-Origin-Resource-Policy"] = "cross-origin";
        }
    }

    private static bool IsEmbed(HttpRequest request) =>
        request.Path.StartsWithSegments("/watch") && request.Query.ContainsKey("embed");
}
