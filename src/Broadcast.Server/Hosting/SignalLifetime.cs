using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting;

namespace Broadcast.Server.Hosting;

/// <summary>Stops the program on SIGTERM, SIGINT and SIGQUIT: the first lets it leave in good order, the second ends it at once, the third kills it.</summary>
internal sealed class SignalLifetime(IHostApplicationLifetime application, Departure departure) : IHostLifetime, IDisposable
{
    private readonly CancellationTokenSource _hurry = new();
    private readonly List<PosixSignalRegistration> _registrations = [];
    private int _signals;

    public Task WaitForStartAsync(CancellationToken cancellationToken)
    {
        foreach (var signal in new[] { PosixSignal.SIGTERM, PosixSignal.SIGINT, PosixSignal.SIGQUIT })
            _registrations.Add(PosixSignalRegistration.Create(signal, OnSignal));
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        foreach (var registration in _registrations) registration.Dispose();
        _hurry.Dispose();
    }

    private void OnSignal(PosixSignalContext context)
    {
        var count = Interlocked.Increment(ref _signals);
        context.Cancel = count <= 2;
        if (count == 1) _ = StopAsync();
        else if (count == 2) _hurry.Cancel();
    }

    private async Task StopAsync()
    {
        try
        {
            // Who has never been ready has nobody to say goodbye to.
            if (application.ApplicationStarted.IsCancellationRequested) await departure.GoAsync(_hurry.Token);
        }
        finally
        {
            application.StopApplication();
        }
    }
}
