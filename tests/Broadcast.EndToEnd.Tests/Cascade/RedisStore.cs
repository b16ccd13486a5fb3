using System.Diagnostics;
using System.Globalization;
using Broadcast.Testing.Network;

namespace Broadcast.EndToEnd.Tests.Cascade;

/// <summary>Redis as a process of its own on a loopback port, with an append-only file in a folder that goes with it.</summary>
public sealed class RedisStore : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(30);

    private readonly string _folder = Directory.CreateTempSubdirectory("broadcast-redis-").FullName;
    private readonly int _port = FreePorts.Find();
    private Process? _process;

    private readonly string _address;

    private RedisStore(string address) => _address = address;

    /// <summary>As <c>--cluster</c> wants it.</summary>
    public string Url => $"redis://{_address}:{_port}";

    /// <summary>Starts it and waits until it answers.</summary>
    /// <param name="address">Of this machine, where it listens.</param>
    public static async Task<RedisStore> StartAsync(string address = "127.0.0.1")
    {
        var store = new RedisStore(address);
        await store.ReviveAsync();
        return store;
    }

    /// <summary>Holds it (SIGSTOP): connections stay, and nobody answers on them.</summary>
    public Task HangAsync() => SignalAsync("STOP");

    /// <summary>Ends it without a word (SIGKILL).</summary>
    public async Task CrashAsync()
    {
        if (_process is not { } process) return;
        _process = null;
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
    }

    /// <summary>Starts it again, with what it had.</summary>
    public async Task ReviveAsync()
    {
        var port = _port.ToString(CultureInfo.InvariantCulture);
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _process = new Process
        {
            StartInfo = new ProcessStartInfo("redis-server", ["--port", port, "--bind", _address, "--protected-mode", "no", "--dir", _folder, "--appendonly", "yes", "--save", ""])
            {
                RedirectStandardOutput = true,
            },
            EnableRaisingEvents = true,
        };
        _process.Exited += (_, _) => ready.TrySetException(new InvalidOperationException("redis-server has ended."));
        _process.OutputDataReceived += (_, line) =>
        {
            if (line.Data?.Contains("Ready to accept connections", StringComparison.Ordinal) is true) ready.TrySetResult();
        };
        _process.Start();
        _process.BeginOutputReadLine();
        await ready.Task.WaitAsync(StartLimit);
    }

    public async ValueTask DisposeAsync()
    {
        await CrashAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task SignalAsync(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", _process!.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }
}
