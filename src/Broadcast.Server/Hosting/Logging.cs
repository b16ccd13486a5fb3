using System.Globalization;
using Serilog;
using Serilog.Core;
using Serilog.Events;

namespace Broadcast.Server.Hosting;

/// <summary>Short lines on the console for what an operator acts on.</summary>
internal static class Logging
{
    private const string Line = "{Timestamp:HH:mm:ss} {Level:u3} {Message:lj}{NewLine}{Exception}";

    /// <summary>A level as it is written in the configuration.</summary>
    public static LogEventLevel Level(string text) => Enum.Parse<LogEventLevel>(text, ignoreCase: true);

    /// <param name="builder">Gets the log.</param>
    /// <param name="level">May be changed while the node runs.</param>
    public static void Configure(WebApplicationBuilder builder, LoggingLevelSwitch level)
    {
        builder.Logging.ClearProviders();
        builder.Services.AddSerilog(logger => logger
            .MinimumLevel.ControlledBy(level)
            // Fixed, whatever the level: below it the framework writes whole addresses, and those can carry ?token=.
            .MinimumLevel.Override("Microsoft", LogEventLevel.Warning)
            .MinimumLevel.Override("System", LogEventLevel.Warning)
            // A failed start is told as a sentence by the command, with an exit code.
            .MinimumLevel.Override("Microsoft.Extensions.Hosting.Internal.Host", LogEventLevel.Fatal)
            .MinimumLevel.Override("Microsoft.AspNetCore.Server.Kestrel", LogEventLevel.Error)
            .WriteTo.Console(outputTemplate: Line, formatProvider: CultureInfo.InvariantCulture));
    }
}
