using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace Broadcast.EndToEnd.Tests.Server;

/// <summary>The real program in a process of its own: free ports, loopback only, tokens required, a folder that goes with it.</summary>
public sealed class ServerNode : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(30);

    private readonly ConcurrentQueue<string> _lines = new();
    private readonly string _folder;
    private readonly string _hostAddress;
    private readonly string[] _before;
    private readonly string[] _switches;
    private TaskCompletionSource<Uri> _ready = null!;
    private Process _process = null!;
    private bool _ended;

    private ServerNode(string folder, string hostAddress, string[] before, string[] switches) =>
        (_folder, _hostAddress, _before, _switches) = (folder, hostAddress, before, switches);

    /// <summary>Where its pages are, without a trailing slash: http://localhost:port.</summary>
    public string Address { get; private set; } = "";

    /// <summary>Where its data are.</summary>
    public string Folder => _folder;

    /// <summary>Everything it has printed so far.</summary>
    public string Log => string.Join('\n', _lines);

    /// <summary>Starts a node and waits until it can take viewers.</summary>
    /// <param name="hostAddress">The address it listens on and offers.</param>
    /// <param name="httpPort">0 for any free one; with several addresses each would get another.</param>
    /// <param name="switches">Further switches, as on the command line.</param>
    /// <exception cref="InvalidOperationException">It ended instead; the message has its output.</exception>
    public static Task<ServerNode> StartAsync(string hostAddress = "127.0.0.1", int httpPort = 0, params string[] switches) =>
        StartAsync(hostAddress, httpPort, [], switches);

    /// <summary>The same by another command before the program's own, which must become it.</summary>
    public static async Task<ServerNode> StartAsync(string hostAddress, int httpPort, string[] before, string[] switches)
    {
        var node = new ServerNode(Directory.CreateTempSubdirectory("broadcast-e2e-").FullName, hostAddress, before, switches);
        await node.RunAsync(httpPort);
        return node;
    }

    /// <summary>Ends the process without a word to anybody (SIGKILL).</summary>
    public async Task CrashAsync()
    {
        if (_ended) return;
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _ended = true;
    }

    /// <summary>Asks the process to end (SIGTERM) and waits until it has.</summary>
    public async Task StopAsync()
    {
        await SignalAsync("TERM");
        await _process.WaitForExitAsync().WaitAsync(StopLimit);
        _process.Dispose();
        _ended = true;
    }

    /// <summary>Starts it again after its end, at the same address and with the same keys.</summary>
    public Task ReviveAsync() => RunAsync(new Uri(Address).Port);

    /// <summary>Holds the process (SIGSTOP): its connections stay, and nobody answers on them.</summary>
    public Task HangAsync() => SignalAsync("STOP");

    /// <summary>Lets it go on.</summary>
    public Task ResumeAsync() => SignalAsync("CONT");

    /// <summary>Mints a token by the program's own command.</summary>
    public async Task<string> MintAsync(string scope, string stream)
    {
        using var command = Process.Start(Program([], _folder, ["token", "--scope", scope, "--stream", stream, "--data", _folder]))!;
        var errors = command.StandardError.ReadToEndAsync();
        var token = await command.StandardOutput.ReadToEndAsync();
        await command.WaitForExitAsync();
        return command.ExitCode == 0 ? token.Trim() : throw new InvalidOperationException(await errors);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_ended && !_process.HasExited)
        {
            await SignalAsync("CONT");
            await SignalAsync("TERM");
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

    private async Task RunAsync(int httpPort)
    {
        var port = httpPort.ToString(CultureInfo.InvariantCulture);
        var ready = _ready = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        _process = new Process
        {
            StartInfo = Program(_before, _folder, ["--http-port", port, "--media-port", "0", "--host-ip", _hostAddress, "--data", _folder, .. _switches]),
            EnableRaisingEvents = true,
        };
        _process.OutputDataReceived += (_, line) => OnLine(line.Data);
        _process.ErrorDataReceived += (_, line) => OnLine(line.Data);
        _process.Exited += (_, _) => ready.TrySetException(new InvalidOperationException($"The server ended early:\n{Log}"));
        _process.Start();
        _ended = false;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        var printed = await ready.Task.WaitAsync(StartLimit);

        // In a network of its own the node's localhost is not that of the browsers.
        Address = (_before.Length == 0 ? printed : new UriBuilder(printed) { Host = _hostAddress }.Uri).GetLeftPart(UriPartial.Authority);
    }

    private async Task SignalAsync(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    private static ProcessStartInfo Program(string[] before, string folder, IEnumerable<string> arguments)
    {
        var host = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        string[] command = [.. before, host, Path.Combine(AppContext.BaseDirectory, "broadcast.dll"), .. arguments];
        return new ProcessStartInfo(command[0], command[1..])
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
