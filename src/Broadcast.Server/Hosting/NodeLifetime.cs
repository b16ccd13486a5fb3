using Broadcast.Media.Sessions;
using Broadcast.Signalling.Http;

namespace Broadcast.Server.Hosting;

/// <summary>What happens when the node has started and when it stops.</summary>
internal static partial class NodeLifetime
{
    public static void Attach(WebApplication app, Announcement announcement)
    {
        var readiness = app.Services.GetRequiredService<NodeReadiness>();
        var media = app.Services.GetRequiredService<IMediaPlane>();
        var log = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Broadcast.Server");
        app.Lifetime.ApplicationStarted.Register(() =>
        {
            readiness.IsReady = true;
            announcement.Print(app);
        });
        app.Lifetime.ApplicationStopping.Register(() =>
        {
            readiness.IsReady = false;
            var closed = CloseSessions(media);
            Stopping(log, closed);
        });
    }

    // Peers hear of the end by DTLS close_notify and go elsewhere at once, instead of waiting for silence.
    private static int CloseSessions(IMediaPlane media)
    {
        var closed = 0;
        foreach (var stream in media.Streams)
        {
            foreach (var session in media.GetSessions(stream.StreamId))
                closed += media.Close(session.SessionId) ? 1 : 0;
        }

        return closed;
    }

    [LoggerMessage(100, LogLevel.Information, "Stopping, {Sessions} sessions closed")]
    private static partial void Stopping(ILogger logger, int sessions);
}
