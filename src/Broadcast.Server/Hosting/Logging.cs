using System.Globalization;
using Serilog;
using Serilog.Events;

namespace Broadcast.Server.Hosting;

/// <summary>Short lines on the console for what an operator acts on.</summary>
internal static class Logging
{
    private const string Line = "{Timestamp:HH:mm:ss} {Level:u3} {Message:lj}{NewLine}{Exception}";

    public static void Configure(WebApplicationBuilder builder, string level)
    {
        builder.Logging.ClearProviders();
        builder.Services.AddSerilog(logger => logger
            .MinimumLevel.Is(Enum.Parse<LogEventLevel>(level, ignoreCase: true))
            // Fixed, whatever the level: below it the framework writes whole addresses, and those can carry ?token=.
            .MinimumLevel.Override("Microsoft", LogEventLevel.Warning)
            .MinimumLevel.Override("System", LogEventLevel.Warning)
            // A failed start is told as a sentence by the command, with an exit code.
            .MinimumLevel.Override("Microsoft.Extensions.Hosting.Internal.Host", LogEventLevel.Fatal)
            .MinimumLevel.Override("Microsoft.AspNetCore.Server.Kestrel", LogEventLevel.Error)
            .WriteTo.Console(outputTemplate: Line, formatProvider: CultureInfo.InvariantCulture));
    }
}
