using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Broadcast.Signalling.Http;

/// <summary><c>/health/live</c>: the process answers. <c>/health/ready</c>: it can take viewers.</summary>
internal static class HealthEndpoints
{
    public static void Map(IEndpointRouteBuilder routes, NodeReadiness readiness)
    {
        routes.MapMethods("/health/live", ["GET", "HEAD"], context => AnswerAsync(context, true));
        routes.MapMethods("/health/ready", ["GET", "HEAD"], context => AnswerAsync(context, readiness.IsReady));
    }

    private static Task AnswerAsync(HttpContext context, bool healthy)
    {
        context.Response.StatusCode = healthy ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        context.Response.Headers.CacheControl = "no-store";
        return TextResponse.WriteAsync(context, "text/plain", healthy ? "ok\n" : "not ready\n");
    }
}
