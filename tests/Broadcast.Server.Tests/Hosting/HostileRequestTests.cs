using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace Broadcast.Server.Tests.Hosting;

/// <summary>Requests that a client library would not send, at the program itself.</summary>
public sealed partial class HostileRequestTests : IAsyncLifetime
{
    private static readonly string[] Paths =
    [
        "/../token.key",
        "/../../../../../../etc/passwd",
        "/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "/..%2f..%2f..%2fetc%2fpasswd",
        "/..%5c..%5ctoken.key",
        "/%252e%252e%252ftoken.key",
        "/shared/%2e%2e/%2e%2e/appsettings.json",
        "/shared/../../broadcast.dll",
        "/watch/..%2ftoken.key",
        "/watch/%00token.key",
        "/vod/0mi9fi4zg1b2c3d4e5f6g7h8/..%2f..%2ftoken.key",
        "/vod/0mi9fi4zg1b2c3d4e5f6g7h8/%2e%2e/%2e%2e/token.key",
        "/vod/..%2f..%2ftoken.key/index.json",
        "/api/v1/recordings/..%2f..%2ftoken.key",
        "/api/v1/streams/..%2f..%2ftoken.key",
        "/whep/..%2ftoken.key",
        "//etc/passwd",
        "/./token.key",
        "file:///etc/passwd",
    ];

    private static readonly string[] Requests =
    [
        "GET /whep/live?x=%0d%0aX-Evil:%201 HTTP/1.1\r\nHost: localhost",
        "GET /whep/li%0d%0aX-Evil:%201 HTTP/1.1\r\nHost: localhost",
        "GET /watch/live?token=%0d%0aX-Evil:%201 HTTP/1.1\r\nHost: localhost",
        "GET /whep/live HTTP/1.1\r\nHost: localhost\r\nOrigin: https://a%0d%0aX-Evil: 1",
        "GET /whep/live HTTP/1.1\r\nHost: localhost\r\nOrigin: https://a\rX-Evil: 1",
        "GET /whep/live HTTP/1.1\r\nHost: localhost\r\nOrigin: https://a\nX-Evil: 1",
        "GET /whep/live HTTP/1.1\r\nHost: a\u0001b",
        "GET /whip/live HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer a%0d%0aX-Evil: 1",
        "GET /whip/live HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer \u001b[2J",
        "GET /whep/live HTTP/1.1\r\nHost: localhost\r\nUser-Agent: \u001b[31m%0a12:00:00 INF forged",
        "POST /whep/live HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/sdp%0d%0aX-Evil: 1\r\nContent-Length: 0",
        "POST /api/v1/tokens HTTP/1.1\r\nHost: localhost\r\nIdempotency-Key: a%0d%0aX-Evil: 1\r\nContent-Length: 0",
        "GE\u001bT / HTTP/1.1\r\nHost: localhost",
        "POST /whep/live HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\nGET /x HTTP/1.1",
    ];

    private readonly string _folder = Directory.CreateTempSubdirectory("broadcast-tests-").FullName;
    private Process _node = null!;
    private Uri _address = null!;
    private Task<string> _log = null!;

    public async Task InitializeAsync()
    {
        // The program runs where its key is, and the key is what such requests are after.
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, WorkingDirectory = _folder };
        string[] args =
        [
            Path.Combine(AppContext.BaseDirectory, "broadcast.dll"), "--http-port", "0", "--media-port", "0", "--workers", "1", "--host-ip", "127.0.0.1", "--data", _folder,
            "--log-level", "debug", "--rate-limit", "0",
        ];
        foreach (var arg in args) start.ArgumentList.Add(arg);
        start.Environment["Broadcast__Log__File"] = Path.Combine(_folder, "node.log");
        _node = Process.Start(start)!;
        while (await _node.StandardOutput.ReadLineAsync() is { } line)
        {
            if (!line.StartsWith("ready ", StringComparison.Ordinal)) continue;
            _address = new Uri(line["ready ".Length..]);
            break;
        }

        _log = _node.StandardOutput.ReadToEndAsync();
    }

    public async Task DisposeAsync()
    {
        _node.Kill();
        await _node.WaitForExitAsync();
        _node.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task No_path_leads_out_of_the_pages()
    {
        var key = (await File.ReadAllTextAsync(Path.Combine(_folder, "token.key"))).Trim();
        foreach (var path in Paths)
        {
            var answer = await SendAsync($"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
            Assert.True(Refused().IsMatch(answer), $"{path}: {answer}");
            Assert.DoesNotContain("root:", answer, StringComparison.Ordinal);
            Assert.DoesNotContain(key, answer, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Nothing_that_is_sent_becomes_a_header_or_a_line_of_the_log()
    {
        foreach (var request in Requests)
        {
            var answer = await SendAsync(request + "\r\nConnection: close\r\n\r\n");
            Assert.True(answer.StartsWith("HTTP/1.1 ", StringComparison.Ordinal), $"{request}: {answer}");
            var head = answer.Split("\r\n\r\n")[0];
            Assert.DoesNotContain(head.Split("\r\n"), line => line.StartsWith("X-Evil", StringComparison.OrdinalIgnoreCase));
            Assert.DoesNotContain(head, character => char.IsControl(character) && character is not ('\r' or '\n'));
        }

        // The end of the program is the end of its log.
        using var kill = Process.Start("kill", $"-TERM {_node.Id}");
        await kill.WaitForExitAsync();
        await _node.WaitForExitAsync();
        foreach (var line in (await _log).Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries))
        {
            Assert.DoesNotContain("\u001b", line, StringComparison.Ordinal);
            Assert.DoesNotContain("forged", line, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Answers_say_how_they_are_to_be_treated()
    {
        var api = await SendAsync("GET /api/v1/info HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        Assert.Contains("X-Content-Type-Options: nosniff", api, StringComparison.Ordinal);
        Assert.Contains("Cache-Control: no-store", api, StringComparison.Ordinal);
        Assert.Contains("Referrer-Policy: no-referrer", api, StringComparison.Ordinal);
        Assert.DoesNotContain("Strict-Transport-Security", api, StringComparison.Ordinal);
        Assert.DoesNotContain("Server:", api, StringComparison.Ordinal);

        var page = await SendAsync("GET /operate HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        var policy = Policy().Match(page).Groups[1].Value;
        Assert.Contains("script-src 'self';", policy, StringComparison.Ordinal);
        Assert.Contains("object-src 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe-eval", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("<script>", page, StringComparison.Ordinal);
        Assert.Contains("Referrer-Policy: no-referrer", page, StringComparison.Ordinal);
        Assert.Contains("Permissions-Policy: camera=(self)", page, StringComparison.Ordinal);
    }

    [GeneratedRegex("^HTTP/1.1 (400|401|404) ")]
    private static partial Regex Refused();

    [GeneratedRegex("Content-Security-Policy: (.*)\r\n")]
    private static partial Regex Policy();

    private async Task<string> SendAsync(string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(_address.Host, _address.Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request));
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var reader = new StreamReader(stream, Encoding.Latin1);
        return await reader.ReadToEndAsync(limit.Token);
    }
}
