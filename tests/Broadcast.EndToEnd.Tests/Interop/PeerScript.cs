using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Threading.Channels;
using Xunit.Abstractions;

namespace Broadcast.EndToEnd.Tests.Interop;

/// <summary>A running script below <c>Interop/</c>: a client of another make than the browser of most tests.</summary>
/// <remarks>It reports events as JSON lines and leaves when its standard input ends.</remarks>
public sealed class PeerScript : IAsyncDisposable
{
    private static readonly TimeSpan LeaveLimit = TimeSpan.FromSeconds(15);

    private readonly Process _process;
    private readonly ITestOutputHelper _output;
    private readonly Channel<JsonElement> _events = Channel.CreateUnbounded<JsonElement>();

    private PeerScript(Process process, ITestOutputHelper output, string name)
    {
        (_process, _output) = (process, output);
        process.OutputDataReceived += (_, line) => OnLine(line.Data);
        process.ErrorDataReceived += (_, line) => _output.WriteLine($"{name}: {line.Data}");
    }

    /// <summary>Starts a script of werift, a WebRTC stack in TypeScript that shares no code with libwebrtc.</summary>
    /// <exception cref="InvalidOperationException">werift is not installed; the message says how to.</exception>
    public static PeerScript Werift(ITestOutputHelper output, string name, params string[] arguments) =>
        Node(output, "werift", name, arguments);

    /// <summary>Starts a script of GStreamer: libnice for ICE, OpenSSL for DTLS, libsrtp, its own RTP and jitter buffer.</summary>
    /// <remarks>By the system's Python, for which Debian packages the bindings, and not one that is earlier on the path.</remarks>
    public static PeerScript GStreamer(ITestOutputHelper output, string name, params string[] arguments) =>
        Start(output, "/usr/bin/python3", "gstreamer", name, arguments);

    private static PeerScript Node(ITestOutputHelper output, string folder, string name, string[] arguments) =>
        Directory.Exists(Path.Combine(SourceFolder(), folder, "node_modules"))
            ? Start(output, "node", folder, name, arguments)
            : throw new InvalidOperationException($"{folder} is not installed. Run: npm ci --prefix tests/Broadcast.EndToEnd.Tests/Interop/{folder}");

    private static PeerScript Start(ITestOutputHelper output, string program, string folder, string name, string[] arguments)
    {
        var start = new ProcessStartInfo(program, [Path.Combine(SourceFolder(), folder, name), .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // Python would leave its compiled modules beside the sources.
        start.Environment["PYTHONDONTWRITEBYTECODE"] = "1";
        var script = new PeerScript(new Process { StartInfo = start }, output, folder);
        script._process.Start();
        script._process.BeginOutputReadLine();
        script._process.BeginErrorReadLine();
        return script;
    }

    /// <summary>Waits for an event.</summary>
    /// <param name="name">What its <c>event</c> says.</param>
    /// <param name="wanted">Which of them.</param>
    /// <param name="limit">After which the test fails.</param>
    /// <exception cref="TimeoutException">It did not come; the message has the last event.</exception>
    public async Task<JsonElement> UntilAsync(string name, Func<JsonElement, bool> wanted, TimeSpan limit)
    {
        using var end = new CancellationTokenSource(limit);
        var last = default(JsonElement);
        try
        {
            await foreach (var item in _events.Reader.ReadAllAsync(end.Token))
            {
                last = item;
                if (item.GetProperty("event").GetString() == name && wanted(item))
                    return item;
            }
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"No \"{name}\" as wanted within {limit}; the last event was {last}.");
        }

        throw new InvalidOperationException($"The script ended before \"{name}\"; the last event was {last}.");
    }

    /// <summary>Has the script delete its session.</summary>
    /// <returns>The server's status code.</returns>
    public async Task<int> LeaveAsync()
    {
        _process.StandardInput.Close();
        var left = await UntilAsync("left", _ => true, LeaveLimit);
        return left.GetProperty("status").GetInt32();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static string SourceFolder([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;

    private void OnLine(string? line)
    {
        if (line is null)
        {
            _events.Writer.TryComplete();
            return;
        }

        _output.WriteLine(line);
        if (line.StartsWith('{'))
            _events.Writer.TryWrite(JsonSerializer.Deserialize<JsonElement>(line));
    }
}
