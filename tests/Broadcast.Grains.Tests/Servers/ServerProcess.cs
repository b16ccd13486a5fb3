using System.Diagnostics;
using System.Globalization;
using Broadcast.Testing.Network;

namespace Broadcast.Grains.Tests.Servers;

/// <summary>A store's server as a child process on loopback with a folder of its own. A program that is not installed fails the test.</summary>
public abstract class ServerProcess : IAsyncLifetime, IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private Process? _process;

    protected ServerProcess()
    {
        Folder = Directory.CreateTempSubdirectory("broadcast-store-").FullName;
        Port = FreePorts.Find();
    }

    /// <summary>As <c>--cluster</c> takes it.</summary>
    public abstract string Url { get; }

    /// <summary>The folder of the server's data.</summary>
    protected string Folder { get; }

    protected int Port { get; }

    /// <summary>What the server prints when it takes connections.</summary>
    protected abstract string ReadyText { get; }

    protected abstract ProcessStartInfo StartInfo();

    protected virtual Task PrepareAsync() => Task.CompletedTask;

    public async Task InitializeAsync()
    {
        await PrepareAsync();
        await StartAsync();
    }

    /// <summary>Starts the server, again with the data that it had.</summary>
    public async Task StartAsync()
    {
        var info = StartInfo();
        info.RedirectStandardOutput = true;
        info.RedirectStandardError = true;
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var output = new List<string>();
        _process = new Process { StartInfo = info, EnableRaisingEvents = true };
        _process.Exited += (_, _) => ready.TrySetException(new InvalidOperationException($"{info.FileName} ended: {string.Join('\n', output)}"));
        _process.OutputDataReceived += (_, line) => Read(line.Data);
        _process.ErrorDataReceived += (_, line) => Read(line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        await ready.Task.WaitAsync(Patience);

        void Read(string? line)
        {
            if (line is null) return;
            lock (output) output.Add(line);
            if (line.Contains(ReadyText, StringComparison.Ordinal)) ready.TrySetResult();
        }
    }

    /// <summary>Ends the server as a crash of its machine would.</summary>
    public async Task KillAsync()
    {
        if (_process is null) return;
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    /// <summary>Stops the server's answers without closing its connections, as a network that drops packets would.</summary>
    public void Freeze() => Signal("STOP");

    /// <summary>Ends <see cref="Freeze"/>.</summary>
    public void Thaw() => Signal("CONT");

    public async Task DisposeAsync()
    {
        await KillAsync();
        Directory.Delete(Folder, recursive: true);
    }

    public void Dispose()
    {
        _process?.Dispose();
        GC.SuppressFinalize(this);
    }

    protected static async Task RunAsync(ProcessStartInfo info)
    {
        info.RedirectStandardError = true;
        info.RedirectStandardOutput = true;
        using var process = Process.Start(info)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0) throw new InvalidOperationException($"{info.FileName}: {await error}{await output}");
    }

    private void Signal(string name)
    {
        using var kill = Process.Start("kill", ["-" + name, _process!.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }
}
