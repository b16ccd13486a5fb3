using Microsoft.Extensions.Logging;

namespace Broadcast.Grains.Hosting;

/// <summary>The program's loggers for the silo's own host; of the framework's chatter only what an operator can act on passes.</summary>
internal sealed class QuietLoggerFactory(ILoggerFactory inner) : ILoggerFactory
{
    /// <summary>
    /// Warnings without a fault: advice to turn on the server's garbage collector, which was measured and is off on purpose; a check
    /// that counts from the machine's start when the silo's first one is made; and retries of placement, whose failure the caller sees.
    /// </summary>
    private static readonly string[] Groundless = ["Orleans.Runtime.Silo", "Orleans.Runtime.Watchdog", "Polly"];

    /// <summary>
    /// What each part of the framework says, with a stack trace each, when another silo is away or does not know the secret: tens of
    /// lines a second. The node says once what it means: the refused connection, the lost parent, the silo that cannot join.
    /// </summary>
    private static readonly string[] Echoes =
    [
        "Orleans.Runtime.Messaging", "Orleans.Networking", "Orleans.Messaging", "Orleans.Runtime.GrainDirectory", "Orleans.Runtime.MembershipService", "Orleans.Runtime.Metadata",
        "Orleans.Runtime.InsideRuntimeClient", "Microsoft.Orleans.Networking",
    ];

    /// <summary>Among these the one that tells of a store that is away.</summary>
    private const string Store = "Orleans.Runtime.MembershipService.MembershipTableManager";

    public ILogger CreateLogger(string categoryName)
    {
        var logger = inner.CreateLogger(categoryName);
        if (categoryName.StartsWith("Broadcast.", StringComparison.Ordinal)) return logger;
        if (categoryName != Store && Echoes.Any(echo => categoryName.StartsWith(echo, StringComparison.Ordinal))) return new Quiet(logger, LogLevel.Critical);
        return new Quiet(logger, Groundless.Contains(categoryName) ? LogLevel.Error : LogLevel.Warning);
    }

    public void AddProvider(ILoggerProvider provider)
    {
        // The program's factory has its providers already.
    }

    // The program's factory outlives every generation of the silo.
    public void Dispose()
    {
    }

    private sealed class Quiet(ILogger inner, LogLevel least) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => inner.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => logLevel >= least && inner.IsEnabled(logLevel);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel)) inner.Log(logLevel, eventId, state, exception, formatter);
        }
    }
}
