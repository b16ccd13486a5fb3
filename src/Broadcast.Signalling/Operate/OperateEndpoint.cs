using Broadcast.Signalling.Auth;
using MessagePack;
using MessagePack.Resolvers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.DependencyInjection;

namespace Broadcast.Signalling.Operate;

/// <summary>The address of <see cref="OperateHub"/>, and who gets in.</summary>
internal static class OperateEndpoint
{
    /// <summary>Where the page connects to.</summary>
    public const string Path = "/api/v1/operate";

    /// <summary>What the page may call at once beside its pictures.</summary>
    private const int ParallelCalls = 4;

    private const int MaxCall = 16 * 1024;

    /// <summary>MessagePack with the updates written by hand, against input that nobody has vouched for.</summary>
    public static MessagePackSerializerOptions Serializer { get; } = MessagePackSerializerOptions.Standard
        .WithResolver(CompositeResolver.Create([new Picture.UpdateFormatter()], [StandardResolver.Instance]))
        .WithSecurity(MessagePackSecurity.UntrustedData.WithMaximumObjectGraphDepth(16));

    public static void AddOperate(this IServiceCollection services)
    {
        services.AddSingleton<OperateFeed>();
        services.AddSignalR(signalR =>
        {
            signalR.MaximumParallelInvocationsPerClient = ParallelCalls;
            signalR.MaximumReceiveMessageSize = MaxCall;
            signalR.DisableImplicitFromServicesParameters = true;
        }).AddMessagePackProtocol(protocol => protocol.SerializerOptions = Serializer);
    }

    /// <summary>Adds the hub with its guard; after routing and the rate limits.</summary>
    public static void MapOperate(this WebApplication app)
    {
        app.Use(AdmitAsync);
        // Only WebSockets: the other ways need several requests that come to the same node, and nothing in between that collects an answer.
        app.MapHub<OperateHub>(Path, http => http.Transports = HttpTransportType.WebSockets);
    }

    /// <summary>With what the connection was opened.</summary>
    public static Grant? GrantOf(HubCallerContext context) => context.GetHttpContext()?.Features.Get<Grant>();

    // Browsers cannot set headers on a WebSocket; no address with a query is ever logged.
    private static async Task AdmitAsync(HttpContext context, RequestDelegate next)
    {
        if (context.Request.Path.StartsWithSegments(Path))
        {
            var gatekeeper = context.RequestServices.GetRequiredService<Gatekeeper>();
            if (await gatekeeper.AdmitAsync(context, TokenScope.Operate, Grant.AnyStream, tokenInQuery: true) is null)
                return;
        }

        await next(context);
    }
}
