using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Broadcast.Server.Tests.Hosting;

/// <summary>The program as scripts see it: what it prints, when it is ready, how it ends.</summary>
public sealed class ProcessTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("broadcast-tests-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    [InlineData("TERM", "--drain-timeout", "3600")] // there is nobody to wait for
    public async Task A_node_says_ready_serves_and_stops_cleanly(string signal, params string[] more)
    {
        using var node = Start(["--http-port", "0", "--media-port", "0", "--workers", "1", .. more]);
        var lines = await ReadUntilReadyAsync(node);
        Assert.StartsWith("publish ", lines[0], StringComparison.Ordinal);
        Assert.Contains("/publish?token=", lines[0], StringComparison.Ordinal);
        Assert.Contains("/watch/", lines[1], StringComparison.Ordinal);
        Assert.Contains("/operate?token=", lines[2], StringComparison.Ordinal);
        var address = lines[^1]["ready ".Length..];

        using var client = new HttpClient { BaseAddress = new Uri(address) };
        Assert.Equal("ok\n", await client.GetStringAsync("/health/ready"));
        Assert.Contains("<html", await client.GetStringAsync("/publish"), StringComparison.Ordinal);
        Assert.Contains("broadcast_media_datagrams_received_total", await client.GetStringAsync("/metrics"), StringComparison.Ordinal);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        request.Headers.Add("X-Forwarded-For", "192.0.2.1");
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.SendAsync(request)).StatusCode);

        var token = lines[0][(lines[0].IndexOf("token=", StringComparison.Ordinal) + "token=".Length)..];
        using var publish = new HttpRequestMessage(HttpMethod.Get, "/whip/live");
        publish.Headers.Authorization = new("Bearer", token);
        Assert.Equal(HttpStatusCode.NoContent, (await client.SendAsync(publish)).StatusCode);

        Process.Start("kill", [$"-{signal}", node.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]).WaitForExit();
        await EndOf(node);
        Assert.Equal(0, node.ExitCode);
        Assert.Equal("", await node.StandardError.ReadToEndAsync());
    }

    /// <summary>With port 0 each address gets a port of its own, and localhost is not every address of the loopback interface.</summary>
    [Theory]
    [InlineData("127.0.0.2", "127.0.0.1")]
    [InlineData("127.0.0.1", "127.0.0.2")]
    [InlineData("127.0.0.2")]
    public async Task Printed_links_lead_to_the_node_whatever_it_listens_on(params string[] addresses)
    {
        using var node = Start(["--http-port", "0", "--media-port", "0", "--workers", "1", .. addresses.SelectMany(address => new[] { "--host-ip", address })]);
        var lines = await ReadUntilReadyAsync(node);
        var local = lines[^1]["ready ".Length..];
        using var client = new HttpClient { BaseAddress = new Uri(local) };
        Assert.Equal("ok\n", await client.GetStringAsync("/health/ready"));
        Assert.All(lines[..3], line => Assert.Contains($" {local}/", line, StringComparison.Ordinal));
        Assert.Equal(addresses.Contains("127.0.0.1"), client.BaseAddress.Host == "localhost");
        node.Kill();
        await EndOf(node);
    }

    [Fact]
    public async Task A_development_certificate_serves_https()
    {
        using var node = Start("--http-port", "0", "--https-port", "0", "--media-port", "0", "--workers", "1", "--dev-cert");
        var lines = await ReadUntilReadyAsync(node);
        var port = new Uri(lines.Single(line => line.StartsWith("https ", StringComparison.Ordinal))["https ".Length..].Trim()).Port;
        using var handler = new HttpClientHandler { ServerCertificateCustomValidationCallback = (_, certificate, _, _) => certificate!.Subject == "CN=Broadcast development" };
        using var client = new HttpClient(handler) { DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };
        using var answer = await client.GetAsync($"https://localhost:{port}/health/live");
        Assert.Equal("ok\n", await answer.Content.ReadAsStringAsync());
        Assert.False(answer.Headers.Contains("Strict-Transport-Security"));
        node.Kill();
        await EndOf(node);
    }

    [Fact]
    public async Task A_certificate_is_sent_with_the_chain_of_its_file()
    {
        var (cert, key, root) = WriteChain();
        using var node = Start("--http-port", "0", "--https-port", "0", "--media-port", "0", "--workers", "1", "--cert", cert, "--key", key);
        var lines = await ReadUntilReadyAsync(node);
        var port = new Uri(lines.Single(line => line.StartsWith("https ", StringComparison.Ordinal))["https ".Length..].Trim()).Port;
        using var handler = new HttpClientHandler
        {
            ServerCertificateCustomValidationCallback = (_, _, chain, _) =>
            {
                chain!.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
                chain.ChainPolicy.CustomTrustStore.Add(root);
                chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
                return chain.Build(chain.ChainElements[0].Certificate);
            },
        };
        using var client = new HttpClient(handler);
        using var answer = await client.GetAsync($"https://localhost:{port}/health/live");
        Assert.Equal("ok\n", await answer.Content.ReadAsStringAsync());
        Assert.Equal("max-age=2592000", answer.Headers.GetValues("Strict-Transport-Security").Single());
        node.Kill();
        await EndOf(node);
    }

    [Theory]
    [InlineData("--http-port")]
    [InlineData("--media-port")]
    public async Task A_port_in_use_is_named_with_its_switch(string which)
    {
        using var taken = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp) { DualMode = true };
        taken.Bind(new IPEndPoint(IPAddress.IPv6Any, 0));
        taken.Listen();
        var port = ((IPEndPoint)taken.LocalEndPoint!).Port;
        var other = which == "--http-port" ? "--media-port" : "--http-port";
        using var node = Start(which, $"{port}", other, "0", "--workers", "1");
        await EndOf(node);
        Assert.Equal(1, node.ExitCode);
        Assert.Equal($"Port {port} is in use. Stop the other program or choose another port with {which}.", (await node.StandardError.ReadToEndAsync()).Trim());
    }

    [Theory]
    [InlineData("--cluster with a number is for ./run", "--cluster", "3")]
    [InlineData("DrainTimeout", "--drain-timeout", "-1")]
    [InlineData("--no-auth lets everybody", "--no-auth")]
    [InlineData("There is no switch --nonsense", "--nonsense")]
    [InlineData("HttpPort", "--http-port", "many")]
    public async Task Wrong_switches_end_with_two_and_a_sentence(string sentence, params string[] args)
    {
        using var node = Start(args);
        await EndOf(node);
        Assert.Equal(2, node.ExitCode);
        Assert.Contains(sentence, await node.StandardError.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_alone_is_all_nodes_and_takes_nobody_while_it_drains()
    {
        using var node = Start("--http-port", "0", "--media-port", "0", "--workers", "1", "--node-id", "lonely", "--no-auth", "--host-ip", "127.0.0.1");
        var lines = await ReadUntilReadyAsync(node);
        using var client = new HttpClient { BaseAddress = new Uri(lines[^1]["ready ".Length..]) };
        Assert.Contains("\"nodeId\":\"lonely\"", await client.GetStringAsync("/api/v1/nodes"), StringComparison.Ordinal);
        Assert.Equal("[]", await client.GetStringAsync("/api/v1/scale"));
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync("/api/v1/streams/nobody/tree")).StatusCode);

        Assert.Equal(HttpStatusCode.NoContent, (await client.PostAsync("/api/v1/nodes/lonely/drain", null)).StatusCode);
        Assert.Contains("\"state\":\"draining\"", await client.GetStringAsync("/api/v1/nodes/lonely"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await client.GetAsync("/health/ready")).StatusCode);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await client.PostAsync("/whip/live", new StringContent("v=0", null, "application/sdp"))).StatusCode);

        Assert.Equal(HttpStatusCode.NoContent, (await client.DeleteAsync("/api/v1/nodes/lonely/drain")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/health/ready")).StatusCode);
        Assert.NotEqual(HttpStatusCode.ServiceUnavailable, (await client.PostAsync("/whip/live", new StringContent("v=0", null, "application/sdp"))).StatusCode);
        node.Kill();
        await EndOf(node);
    }

    [Theory]
    [InlineData("--no-auth", null, "rebound.example 421, localhost 200, 127.0.0.1 200, [::1] 200")]
    [InlineData("--no-auth", "stage.example", "rebound.example 421, localhost 421, STAGE.example 200")]
    [InlineData("--no-offload", null, "rebound.example 200, localhost 200")]
    public async Task A_node_without_tokens_answers_to_names_that_nobody_can_turn_on_it(string authentication, string? allowed, string answers)
    {
        var config = Path.Combine(_folder, "broadcast.json");
        File.WriteAllText(config, allowed is null ? "{}" : $$"""{ "Broadcast": { "Http": { "AllowedHosts": ["{{allowed}}"] } } }""");
        using var node = Start("--http-port", "0", "--media-port", "0", "--workers", "1", authentication, "--host-ip", "127.0.0.1", "--config", config);
        var lines = await ReadUntilReadyAsync(node);
        using var client = new HttpClient { BaseAddress = new Uri(lines[^1]["ready ".Length..]) };
        foreach (var answer in answers.Split(", ").Select(answer => answer.Split(' ')))
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/info") { Headers = { Host = answer[0] } };
            using var response = await client.SendAsync(request);
            Assert.Equal(answer[1], $"{(int)response.StatusCode}");
        }

        node.Kill();
        await EndOf(node);
    }

    [Fact]
    public async Task A_log_file_has_an_object_in_each_line()
    {
        var config = Path.Combine(_folder, "broadcast.json");
        File.WriteAllText(config, $$"""{ "Broadcast": { "HttpPrt": 1, "Log": { "File": "{{_folder}}/node-.json" } } }""");
        using var node = Start("--http-port", "0", "--media-port", "0", "--workers", "1", "--config", config);
        await ReadUntilReadyAsync(node);
        Process.Start("kill", ["-TERM", node.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]).WaitForExit();
        await EndOf(node);
        var messages = File.ReadLines(Assert.Single(Directory.GetFiles(_folder, "node-*.json")))
            .Select(line => System.Text.Json.JsonDocument.Parse(line).RootElement.GetProperty("@m").GetString()!).ToList();
        Assert.Contains(messages, message => message.Contains("Did you mean HttpPort?", StringComparison.Ordinal));
        Assert.Contains(messages, message => message.StartsWith("Stopping", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Help_ends_with_zero()
    {
        using var node = Start("--help");
        var help = await node.StandardOutput.ReadToEndAsync();
        await EndOf(node);
        Assert.Equal(0, node.ExitCode);
        Assert.Contains("--public-ip", help, StringComparison.Ordinal);
    }

    /// <summary>Waits for the end of a program that should end; one that does not is a failure, not a test that hangs.</summary>
    private static async Task EndOf(Process node)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        try
        {
            await node.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            node.Kill();
            throw new TimeoutException("The program did not end within a minute.");
        }
    }

    private static async Task<List<string>> ReadUntilReadyAsync(Process node)
    {
        var lines = new List<string>();
        while (await node.StandardOutput.ReadLineAsync() is { } line)
        {
            lines.Add(line);
            if (line.StartsWith("ready http://", StringComparison.Ordinal))
                return lines;
        }

        throw new InvalidOperationException($"The node ended: {await node.StandardError.ReadToEndAsync()}");
    }

    private (string Cert, string Key, X509Certificate2 Root) WriteChain()
    {
        static CertificateRequest Request(string name, ECDsa key, bool issues)
        {
            var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
            request.CertificateExtensions.Add(new X509BasicConstraintsExtension(issues, false, 0, true));
            return request;
        }

        using var rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var middleKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var leafKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var (from, to) = (DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        var root = Request("CN=root", rootKey, true).CreateSelfSigned(from.AddHours(-2), to.AddHours(2));
        using var middle = Request("CN=middle", middleKey, true).Create(root, from.AddHours(-1), to.AddHours(1), [1]).CopyWithPrivateKey(middleKey);
        using var leaf = Request("CN=localhost", leafKey, false).Create(middle, from, to, [2]);
        var (cert, key) = (Path.Combine(_folder, "fullchain.pem"), Path.Combine(_folder, "privkey.pem"));
        File.WriteAllText(cert, leaf.ExportCertificatePem() + "\n" + middle.ExportCertificatePem() + "\n");
        File.WriteAllText(key, leafKey.ExportPkcs8PrivateKeyPem());
        return (cert, key, root);
    }

    private Process Start(params string[] args)
    {
        // A shell that runs its job in the background has SIGINT ignored, and a child inherits that: env puts it right.
        var start = new ProcessStartInfo("env")
        {
            ArgumentList = { "--default-signal=INT", "dotnet", Path.Combine(AppContext.BaseDirectory, "broadcast.dll") },
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = _folder,
        };
        foreach (var arg in args)
            start.ArgumentList.Add(arg);
        return Process.Start(start)!;
    }
}
