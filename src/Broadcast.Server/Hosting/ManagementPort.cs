using Broadcast.Server.Options;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Broadcast.Server.Hosting;

/// <summary>A port of its own for metrics, health, the operate page and what operators do by REST, so that the public one can be open to everybody.</summary>
/// <remarks>Without one everything is on one port. What is for both, such as lists of streams and recordings, is on both.</remarks>
internal static class ManagementPort
{
    private static readonly Mark Marked = new();

    /// <summary>True when the node has one.</summary>
    public static bool IsOn(ServerOptions options) => options.ManagementPort is not null;

    /// <summary>Marks what comes by a listener as having come by this port; nothing in a request can say so.</summary>
    public static void Open(ListenOptions listen) => listen.Use(next => connection =>
    {
        connection.Features.Set(Marked);
        return next(connection);
    });

    /// <summary>True when a request came by it.</summary>
    public static bool CameBy(HttpContext context) => context.Features.Get<Mark>() is not null;

    /// <summary>Answers 404 on each port to what belongs on the other; before pages and routing.</summary>
    public static void UseManagementPort(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        var request = context.Request;
        if (CameBy(context))
        {
            if (request.Path == "/")
            {
                context.Response.Redirect($"{request.PathBase}/operate");
                return Task.CompletedTask;
            }

            if (!IsForBroadcastersAndViewersOnly(request.Path)) return next(context);
        }
        else if (IsForEverybody(request.Method, request.Path))
        {
            return next(context);
        }

        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    });

    /// <summary>What is refused on the management port.</summary>
    private static bool IsForBroadcastersAndViewersOnly(PathString path) =>
        path.StartsWithSegments("/whip") || path.StartsWithSegments("/whep") || path.StartsWithSegments("/publish") || path.StartsWithSegments("/watch");

    /// <summary>What the public port answers. Of the API that is what pages of broadcasters and viewers ask for, and no more.</summary>
    internal static bool IsForEverybody(string method, PathString path)
    {
        if (path.StartsWithSegments("/metrics") || path.StartsWithSegments("/health") || path.StartsWithSegments("/operate")) return false;
        if (!path.StartsWithSegments("/api", out var rest)) return true;
        var isReading = HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method);
        return rest.Value?.Trim('/').Split('/') switch
        {
            ["v1", "info" or "whoami" or "streams" or "recordings" or "openapi.json"] => isReading,
            ["v1", "streams" or "sessions" or "recordings", _] => isReading,
            ["v1", "streams", _, "recording"] => true, // a publisher may record its own stream
            _ => false,
        };
    }

    private sealed class Mark;
}
