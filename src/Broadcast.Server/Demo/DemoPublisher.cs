using Microsoft.Extensions.Hosting;

namespace Broadcast.Server.Demo;

/// <summary>Publishes a moving test picture and a tone as the stream "demo" while the node runs.</summary>
internal sealed partial class DemoPublisher(ILogger<DemoPublisher> log) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        NotAvailable(log);
        return Task.CompletedTask;
    }

    [LoggerMessage(120, LogLevel.Warning, "This build has no demo publisher; --demo does nothing")]
    private static partial void NotAvailable(ILogger logger);
}
