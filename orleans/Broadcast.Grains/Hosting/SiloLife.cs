using Microsoft.Extensions.Hosting;
using Orleans.Runtime;

namespace Broadcast.Grains.Hosting;

/// <summary>The end of one generation of the silo, whoever declares it first. Thread-safe.</summary>
internal sealed class SiloLife : IFatalErrorHandler
{
    private readonly TaskCompletionSource<string> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes with the reason.</summary>
    public Task<string> Ended => _ended.Task;

    public void End(string reason) => _ended.TrySetResult(reason);

    // Orleans' own handler ends the process, and with it the media of everybody connected to the node.
    bool IFatalErrorHandler.IsUnexpected(Exception exception) => true;

    void IFatalErrorHandler.OnFatalException(object? sender, string? context, Exception? exception) =>
        End(context ?? exception?.Message ?? "The silo failed.");
}

/// <summary>The silo's host must not listen for Ctrl-C and SIGTERM: the program around it does.</summary>
internal sealed class InnerHostLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
