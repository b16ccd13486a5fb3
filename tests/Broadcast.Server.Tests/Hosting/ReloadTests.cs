using System.Diagnostics;
using System.Net;
using System.Threading.Channels;

namespace Broadcast.Server.Tests.Hosting;

/// <summary>The configuration file of a node that runs is changed.</summary>
public sealed class ReloadTests : IAsyncLifetime, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("broadcast-tests-").FullName;
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    private readonly HttpClient _client = new();
    private Process _node = null!;

    private string ConfigFile => Path.Combine(_folder, "broadcast.json");

    public async Task InitializeAsync()
    {
        Write("""{ "HttpPort": 0, "Http": { "AllowedHosts": ["127.0.0.1", "localhost"] } }""");
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, WorkingDirectory = _folder };
        string[] args = [Path.Combine(AppContext.BaseDirectory, "broadcast.dll"), "--config", ConfigFile, "--media-port", "0", "--workers", "1", "--host-ip", "127.0.0.1", "--data", _folder];
        foreach (var arg in args) start.ArgumentList.Add(arg);
        _node = Process.Start(start)!;
        _node.OutputDataReceived += (_, line) => _lines.Writer.TryWrite(line.Data ?? "");
        _node.BeginOutputReadLine();
        _client.BaseAddress = new Uri((await UntilLineAsync("ready "))["ready ".Length..]);
    }

    public async Task DisposeAsync()
    {
        _node.Kill();
        await _node.WaitForExitAsync();
        _node.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    public void Dispose() => _client.Dispose();

    [Fact]
    public async Task What_can_change_counts_at_once_and_the_rest_is_named()
    {
        Assert.Equal(HttpStatusCode.MisdirectedRequest, await StatusAsync("media.example"));
        Assert.False((await _client.GetAsync("/api/v1/info")).Headers.Contains("Vary"));

        // By a changed file alone.
        Write("""
              { "HttpPort": 0, "Workers": 3, "RateLimit": { "PerAddress": 1, "BurstSeconds": 1 }, "LogLevel": "debug",
                "Http": { "AllowedHosts": ["media.example", "localhost"], "AllowedOrigins": ["https://a.example"] }, "MaxIngest": 1000 }
              """);
        var taken = await UntilLineAsync("read again");
        Assert.Contains("Http:AllowedHosts:0", taken, StringComparison.Ordinal);
        Assert.Contains("RateLimit:PerAddress", taken, StringComparison.Ordinal);
        Assert.EndsWith("log level Debug", taken, StringComparison.Ordinal);
        Assert.Contains("MaxIngest has changed, which takes effect after a restart", await UntilLineAsync("MaxIngest"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("media.example"));
        Assert.Equal(HttpStatusCode.MisdirectedRequest, await StatusAsync("127.0.0.1"));
        var statuses = new List<HttpStatusCode>();
        for (var count = 0; count < 1000 && !statuses.Contains(HttpStatusCode.TooManyRequests); count++)
        {
            using var answer = await _client.GetAsync("/api/v1/info");
            Assert.True(answer.Headers.Contains("Vary"));
            statuses.Add(answer.StatusCode);
        }

        Assert.Contains(HttpStatusCode.TooManyRequests, statuses);
    }

    [Theory]
    [InlineData("""{ "Http": { "AllowedHosts": ["media.example"] }, "Limits": { "Streams": -1 } }""", "Streams")]
    [InlineData("""{ "Http": { "AllowedHosts": ["media.example"] }, "Limits": { "Streams": "many" } }""", "Streams")]
    [InlineData("""{ "Http": { "AllowedHosts": ["media.example"] }, "Limit": { "Streams": 5 } }""", "Did you mean Limits")]
    [InlineData("""{ "Http": { "AllowedHosts": ["media.example"] }, "Webhooks": { "Targets": [{ "Url": "http://127.0.0.1/" }] } }""", "private network")]
    [InlineData("""{ "Http": { "AllowedHosts": ["media.example"]""", "cannot be read")]
    public async Task A_file_with_anything_wrong_in_it_changes_nothing(string content, string sentence)
    {
        Write(content);
        Kill("HUP");
        Assert.Contains(sentence, await UntilLineAsync("the old one goes on"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("localhost"));
        Assert.Equal(HttpStatusCode.MisdirectedRequest, await StatusAsync("media.example"));
    }

    private void Write(string broadcast) => File.WriteAllText(ConfigFile, $"{{ \"Broadcast\": {broadcast} }}");

    private void Kill(string signal) => Process.Start("kill", [$"-{signal}", $"{_node.Id}"]).WaitForExit();

    private async Task<HttpStatusCode> StatusAsync(string host)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/health/live") { Headers = { Host = host } };
        using var answer = await _client.SendAsync(request);
        return answer.StatusCode;
    }

    private async Task<string> UntilLineAsync(string part)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await foreach (var line in _lines.Reader.ReadAllAsync(limit.Token))
        {
            if (line.Contains(part, StringComparison.Ordinal)) return line;
        }

        throw new InvalidOperationException("The node has ended.");
    }
}
