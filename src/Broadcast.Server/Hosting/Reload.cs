using System.Runtime.InteropServices;
using Broadcast.Server.Options;
using Broadcast.Signalling;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Serilog.Core;

namespace Broadcast.Server.Hosting;

/// <summary>Takes over what can change while the node runs, when a file has changed or on SIGHUP: the certificate, the log level, what the HTTP plane takes.</summary>
/// <remarks>A configuration with anything wrong in it changes nothing at all. What counts at the next start only is named.</remarks>
/// <param name="level">What is logged.</param>
/// <param name="reading">Reads the configuration again.</param>
/// <param name="present">The configuration that the node has started with.</param>
/// <param name="signalling">Takes its part.</param>
/// <param name="time">Says when to look at files.</param>
/// <param name="log">Hears what was taken.</param>
/// <param name="certificate">Null without HTTPS.</param>
internal sealed partial class Reload(
    LoggingLevelSwitch level, Reading reading, IConfiguration present, SignallingReload signalling, TimeProvider time, ILogger<Reload> log, CertificateKeeper? certificate = null)
    : IHostedService, IDisposable
{
    private const string Root = "Broadcast:";
    private const string LogLevelKey = "LogLevel";
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private Dictionary<string, string?> _values = Values(present);
    private (DateTime Written, long Length) _stamp = reading.Stamp;
    private PosixSignalRegistration? _signal;
    private ITimer? _timer;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (!OperatingSystem.IsWindows()) _signal = PosixSignalRegistration.Create(PosixSignal.SIGHUP, OnSignal);
        _timer = time.CreateTimer(_ => OnLook(), null, Look, Look);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        _signal?.Dispose();
        _timer?.Dispose();
    }

    private static Dictionary<string, string?> Values(IConfiguration configuration) => configuration.AsEnumerable()
        .Where(pair => pair.Value is not null && pair.Key.StartsWith(Root, StringComparison.OrdinalIgnoreCase))
        .ToDictionary(pair => pair.Key[Root.Length..], pair => pair.Value, StringComparer.OrdinalIgnoreCase);

    private static bool CountsAtOnce(string key) =>
        key.Equals(LogLevelKey, StringComparison.OrdinalIgnoreCase) || SignallingReload.Keys.Any(each => key.StartsWith(each, StringComparison.OrdinalIgnoreCase));

    private void OnLook()
    {
        certificate?.Refresh(log);
        lock (_lock)
        {
            if (reading.Stamp == _stamp) return;
            Take();
        }
    }

    private void OnSignal(PosixSignalContext context)
    {
        context.Cancel = true;
        certificate?.Refresh(log);
        lock (_lock) Take();
    }

    private void Take()
    {
        // Before the reading: what is written meanwhile is a change again.
        _stamp = reading.Stamp;
        try
        {
            var configuration = reading.Read();
            var apply = signalling.Prepare(configuration.GetSection("Broadcast"));
            var values = Values(configuration);
            var changed = values.Keys.Union(_values.Keys, StringComparer.OrdinalIgnoreCase).Where(key => values.GetValueOrDefault(key) != _values.GetValueOrDefault(key)).Order(StringComparer.Ordinal).ToList();
            if (changed.Any(CountsAtOnce)) apply();
            level.MinimumLevel = Logging.Level(values.GetValueOrDefault(LogLevelKey) ?? new ServerOptions().LogLevel);
            _values = values;
            Taken(log, string.Join(", ", changed.Where(CountsAtOnce)) is { Length: > 0 } keys ? keys : "nothing", level.MinimumLevel.ToString());
            foreach (var key in changed.Where(key => !CountsAtOnce(key))) Later(log, key);
        }
        catch (InvalidDataException exception)
        {
            Refused(log, exception.Message);
        }
    }

    [LoggerMessage(122, LogLevel.Information, "Configuration read again, changed: {Keys}; log level {Level}")]
    private static partial void Taken(ILogger logger, string keys, string level);

    [LoggerMessage(123, LogLevel.Error, "The configuration cannot be read again, the old one goes on: {Reason}")]
    private static partial void Refused(ILogger logger, string reason);

    [LoggerMessage(125, LogLevel.Warning, "{Key} has changed, which takes effect after a restart")]
    private static partial void Later(ILogger logger, string key);
}
