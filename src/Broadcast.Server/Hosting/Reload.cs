using System.Runtime.InteropServices;
using Broadcast.Server.Options;
using Microsoft.Extensions.Hosting;
using Serilog.Core;

namespace Broadcast.Server.Hosting;

/// <summary>Takes over what can change while the node runs: the certificate by itself or on SIGHUP, the log level on SIGHUP.</summary>
/// <param name="level">What is logged.</param>
/// <param name="read">Reads the configuration again.</param>
/// <param name="time">Says when to look at the certificate's files.</param>
/// <param name="log">Hears what was taken.</param>
/// <param name="certificate">Null without HTTPS.</param>
internal sealed partial class Reload(LoggingLevelSwitch level, Func<ServerOptions> read, TimeProvider time, ILogger<Reload> log, CertificateKeeper? certificate = null) : IHostedService, IDisposable
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(10);

    private PosixSignalRegistration? _signal;
    private ITimer? _timer;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (!OperatingSystem.IsWindows()) _signal = PosixSignalRegistration.Create(PosixSignal.SIGHUP, OnSignal);
        if (certificate is not null) _timer = time.CreateTimer(_ => certificate.Refresh(log), null, Look, Look);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        _signal?.Dispose();
        _timer?.Dispose();
    }

    private void OnSignal(PosixSignalContext context)
    {
        context.Cancel = true;
        certificate?.Refresh(log);
        try
        {
            var wanted = Logging.Level(read().LogLevel);
            level.MinimumLevel = wanted;
            Taken(log, wanted.ToString());
        }
        catch (InvalidDataException exception)
        {
            Refused(log, exception.Message);
        }
    }

    [LoggerMessage(122, LogLevel.Information, "Configuration read again, log level {Level}; other keys count at the next start")]
    private static partial void Taken(ILogger logger, string level);

    [LoggerMessage(123, LogLevel.Error, "The configuration cannot be read again, the old one goes on: {Reason}")]
    private static partial void Refused(ILogger logger, string reason);
}
