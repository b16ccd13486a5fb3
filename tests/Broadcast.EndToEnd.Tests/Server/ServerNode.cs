using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace Broadcast.EndToEnd.Tests.Server;

/// <summary>The real program in a process of its own: free ports, loopback only, tokens required, a folder that goes with it.</summary>
public sealed class ServerNode : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(15);

    private readonly ConcurrentQueue<string> _lines = new();
    private readonly TaskCompletionSource<Uri> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string _folder;
    private readonly Process _process;

    private ServerNode(string folder, IEnumerable<string> switches)
    {
        _folder = folder;
        _process = new Process { StartInfo = Program(folder, switches), EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, line) => OnLine(line.Data);
        _process.ErrorDataReceived += (_, line) => OnLine(line.Data);
        _process.Exited += (_, _) => _ready.TrySetException(new InvalidOperationException($"The server ended early:\n{Log}"));
    }

    /// <summary>Where its pages are, without a trailing slash: http://localhost:port.</summary>
    public string Address { get; private set; } = "";

    /// <summary>Everything it has printed so far.</summary>
    public string Log => string.Join('\n', _lines);

    /// <summary>Starts a node and waits until it can take viewers.</summary>
    /// <param name="hostAddress">The address it listens on and offers.</param>
    /// <param name="switches">Further switches, as on the command line.</param>
    /// <exception cref="InvalidOperationException">It ended instead; the message has its output.</exception>
    public static async Task<ServerNode> StartAsync(string hostAddress = "127.0.0.1", params string[] switches)
    {
        var folder = Directory.CreateTempSubdirectory("broadcast-e2e-").FullName;
        var node = new ServerNode(folder, ["--http-port", "0", "--media-port", "0", "--host-ip", hostAddress, "--data", folder, .. switches]);
        node._process.Start();
        node._process.BeginOutputReadLine();
        node._process.BeginErrorReadLine();
        node.Address = (await node._ready.Task.WaitAsync(StartLimit)).GetLeftPart(UriPartial.Authority);
        return node;
    }

    /// <summary>Mints a token by the program's own command.</summary>
    public async Task<string> MintAsync(string scope, string stream)
    {
        using var command = Process.Start(Program(_folder, ["token", "--scope", scope, "--stream", stream, "--data", _folder]))!;
        var errors = command.StandardError.ReadToEndAsync();
        var token = await command.StandardOutput.ReadToEndAsync();
        await command.WaitForExitAsync();
        return command.ExitCode == 0 ? token.Trim() : throw new InvalidOperationException(await errors);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            using var stop = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
            try
            {
                await _process.WaitForExitAsync().WaitAsync(StopLimit);
            }
            catch (TimeoutException)
            {
                _process.Kill();
                await _process.WaitForExitAsync();
            }
        }

        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static ProcessStartInfo Program(string folder, IEnumerable<string> arguments)
    {
        var host = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        return new ProcessStartInfo(host, [Path.Combine(AppContext.BaseDirectory, "broadcast.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder,
        };
    }

    private void OnLine(string? line)
    {
        if (line is null)
            return;
        _lines.Enqueue(line);
        if (line.StartsWith("ready ", StringComparison.Ordinal))
            _ready.TrySetResult(new Uri(line["ready ".Length..]));
    }
}
