using Broadcast.Server.Hosting;
using Broadcast.Signalling.Auth;
using Broadcast.Signalling.Http;

namespace Broadcast.Server.Metrics;

/// <summary><c>/metrics</c>, for this machine, for operators, on the management port, or for everybody when so configured.</summary>
internal static class MetricsEndpoint
{
    private const string TextFormat = "text/plain; version=0.0.4; charset=utf-8";

    public static void Map(WebApplication app)
    {
        var bridge = app.Services.GetRequiredService<MeterBridge>();
        var gatekeeper = app.Services.GetRequiredService<Gatekeeper>();
        var options = app.Services.GetRequiredService<SignallingOptions>();
        app.MapGet("/metrics", async (HttpContext context) =>
        {
            if (!options.PublicMetrics && !ManagementPort.CameBy(context) && !await gatekeeper.AdmitOperatorOrLocalAsync(context))
                return;
            context.Response.ContentType = TextFormat;
            await bridge.WriteAsync(context.Response.Body, context.RequestAborted);
        });
    }
}
