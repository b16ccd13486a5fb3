using Broadcast.Server.Options;
using Serilog;
using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting.Compact;

namespace Broadcast.Server.Hosting;

/// <summary>Short lines on the console for what an operator acts on.</summary>
internal static class Logging
{
    private const long MaxFileBytes = 100_000_000;

    /// <summary>A level as it is written in the configuration.</summary>
    public static LogEventLevel Level(string text) => Enum.Parse<LogEventLevel>(text, ignoreCase: true);

    /// <param name="builder">Gets the log.</param>
    /// <param name="level">May be changed while the node runs.</param>
    /// <param name="options">Say whether there is a file, too.</param>
    public static void Configure(WebApplicationBuilder builder, LoggingLevelSwitch level, LogOptions options)
    {
        builder.Logging.ClearProviders();
        builder.Services.AddSerilog(logger => WithFile(logger, options)
            .MinimumLevel.ControlledBy(level)
            // Fixed, whatever the level: below it the framework writes whole addresses, and those can carry ?token=.
            .MinimumLevel.Override("Microsoft", LogEventLevel.Warning)
            .MinimumLevel.Override("System", LogEventLevel.Warning)
            // A failed start is told as a sentence by the command, with an exit code.
            .MinimumLevel.Override("Microsoft.Extensions.Hosting.Internal.Host", LogEventLevel.Fatal)
            .MinimumLevel.Override("Microsoft.AspNetCore.Server.Kestrel", LogEventLevel.Error)
            .Enrich.With<LogText.Enricher>()
            .WriteTo.Console(new LogText.Console()));
    }

    private static LoggerConfiguration WithFile(LoggerConfiguration logger, LogOptions options) => options.File.Length == 0
        ? logger
        : logger.WriteTo.File(
            new RenderedCompactJsonFormatter(),
            options.File,
            rollingInterval: RollingInterval.Day,
            fileSizeLimitBytes: MaxFileBytes,
            rollOnFileSizeLimit: true,
            retainedFileCountLimit: options.RetainedFiles);
}
