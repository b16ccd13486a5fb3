using System.Diagnostics;
using System.Text.Json;
using Xunit.Abstractions;

namespace Broadcast.EndToEnd.Tests.Browsers;

/// <summary>Debian's Firefox, headless, with a fake camera and microphone: one tab in a profile of its own.</summary>
/// <remarks>
/// Driven over WebDriver BiDi without a driver program. What a page is asked is sent as text and comes back as JSON, because
/// that is less than BiDi's own notation of values. Firefox has no H.264 encoder here: Mozilla's would be downloaded.
/// </remarks>
public sealed class Firefox : IAsyncDisposable
{
    private const string ReadyPrefix = "WebDriver BiDi listening on ";
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    private static readonly Dictionary<string, string> Preferences = new()
    {
        ["media.navigator.streams.fake"] = "true",
        ["media.navigator.permission.disabled"] = "true",
        ["media.autoplay.default"] = "0",
        // No mDNS names, which nobody here would resolve.
        ["media.peerconnection.ice.obfuscate_host_addresses"] = "false",
        ["remote.active-protocols"] = "1",
        // Nothing but localhost, which no proxy is asked for, can be reached: no updates, no lists, no telemetry.
        ["network.proxy.type"] = "1",
        ["network.proxy.http"] = "\"127.0.0.1\"",
        ["network.proxy.http_port"] = "9",
        ["network.proxy.ssl"] = "\"127.0.0.1\"",
        ["network.proxy.ssl_port"] = "9",
    };

    private static readonly string Scripts = Path.Combine(AppContext.BaseDirectory, "Scripts");

    private readonly Process _process;
    private readonly string _profile;
    private readonly ITestOutputHelper _output;
    private readonly TaskCompletionSource<string> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private BidiConnection? _bidi;
    private string _context = "";

    private Firefox(Process process, string profile, ITestOutputHelper output)
    {
        (_process, _profile, _output) = (process, profile, output);
        process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data?.StartsWith(ReadyPrefix, StringComparison.Ordinal) == true) _ready.TrySetResult(line.Data[ReadyPrefix.Length..]);
        };
        process.Exited += (_, _) => _ready.TrySetException(new InvalidOperationException("Firefox ended early."));
    }

    public static async Task<Firefox> LaunchAsync(ITestOutputHelper output)
    {
        var profile = Directory.CreateTempSubdirectory("broadcast-firefox-").FullName;
        await File.WriteAllLinesAsync(Path.Combine(profile, "user.js"), Preferences.Select(each => $"user_pref(\"{each.Key}\", {each.Value});"));
        var start = new ProcessStartInfo(Program(), ["--headless", "--no-remote", "--profile", profile, "--remote-debugging-port=0"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var firefox = new Firefox(new Process { StartInfo = start, EnableRaisingEvents = true }, profile, output);
        firefox._process.Start();
        firefox._process.BeginOutputReadLine();
        firefox._process.BeginErrorReadLine();
        await firefox.ConnectAsync(await firefox._ready.Task.WaitAsync(StartLimit));
        return firefox;
    }

    public Task GoToAsync(string address) => _bidi!.CommandAsync("browsingContext.navigate", new { context = _context, url = address, wait = "complete" });

    /// <summary>Calls a function of the page; what it returns must be JSON of the wanted type.</summary>
    public async Task<T> EvaluateAsync<T>(string function, object? argument = null)
    {
        var answer = await _bidi!.CommandAsync("script.evaluate", new
        {
            expression = $"(async () => JSON.stringify(await ({function})({JsonSerializer.Serialize(argument)})) ?? 'null')()",
            target = new { context = _context },
            awaitPromise = true,
            userActivation = true,
        });
        return answer.GetProperty("type").GetString() == "success"
            ? JsonSerializer.Deserialize<T>(answer.GetProperty("result").GetProperty("value").GetString()!, JsonSerializerOptions.Web)!
            : throw new InvalidOperationException(answer.GetProperty("exceptionDetails").GetProperty("text").GetString());
    }

    /// <summary>Waits until a function of the page returns something true.</summary>
    public async Task UntilAsync(string function, object? argument = null, double seconds = 30)
    {
        var found = await EvaluateAsync<bool>($$"""
            async (argument) => {
              const end = performance.now() + {{seconds * 1000}};
              for (;;) {
                if (await ({{function}})(argument)) return true;
                if (performance.now() > end) return false;
                await new Promise((resolve) => { setTimeout(resolve, 50); });
              }
            }
            """, argument);
        if (!found) throw new TimeoutException($"Not true after {seconds} s: {function}");
    }

    public async ValueTask DisposeAsync()
    {
        if (_bidi is not null) await _bidi.DisposeAsync();
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(_profile, recursive: true);
    }

    private async Task ConnectAsync(string address)
    {
        _bidi = await BidiConnection.OpenAsync(new Uri(address + "/session"), OnEvent);
        await _bidi.CommandAsync("session.new", new { capabilities = new { } });
        await _bidi.CommandAsync("session.subscribe", new { events = new[] { "log.entryAdded" } });
        var hooks = await File.ReadAllTextAsync(Path.Combine(Scripts, "hooks.js"));
        await _bidi.CommandAsync("script.addPreloadScript", new { functionDeclaration = $"() => {{ {hooks} }}" });
        var tree = await _bidi.CommandAsync("browsingContext.getTree", new { });
        _context = tree.GetProperty("contexts")[0].GetProperty("context").GetString()!;
    }

    private void OnEvent(string method, JsonElement details)
    {
        if (method == "log.entryAdded") _output.WriteLine($"firefox: {details.GetProperty("level")}: {details.GetProperty("text")}");
    }

    private static string Program() =>
        Environment.GetEnvironmentVariable("FIREFOX") ?? (File.Exists("/usr/bin/firefox-esr") ? "/usr/bin/firefox-esr" : "firefox");
}
