using System.Net;
using System.Text.Json;

namespace Broadcast.Server.Tests.Hosting;

/// <summary>With a management port each port answers what belongs on it, and 404 to the rest; without one everything is on one.</summary>
public sealed class ManagementPortTests
{
    private static readonly Dictionary<string, string> NoVariables = [];

    [Fact]
    public async Task Each_port_answers_what_belongs_on_it()
    {
        await using var node = await RunningNode.StartAsync(NoVariables, "--management-port", "0", "--no-auth");
        using var open = Client(node.Address);
        using var management = Client(node.Operate);
        Assert.NotEqual(node.Address.Port, node.Operate.Port);
        foreach (var path in new[] { "/metrics", "/health/live", "/health/ready", "/operate", "/operate/operate.js", "/api/v1/nodes", "/api/v1/bans", "/api/v1/usage", "/api/v1/streams/live/sessions" })
            Assert.Equal((path, HttpStatusCode.NotFound, HttpStatusCode.OK), (path, await StatusAsync(open, path), await StatusAsync(management, path)));
        foreach (var path in new[] { "/publish", "/watch/live", "/watch/watch.js" })
            Assert.Equal((path, HttpStatusCode.OK, HttpStatusCode.NotFound), (path, await StatusAsync(open, path), await StatusAsync(management, path)));
        foreach (var path in new[] { "/vod", "/api/v1/streams", "/api/v1/whoami", "/api/v1/info", "/api/v1/openapi.json" })
            Assert.Equal((path, HttpStatusCode.OK, HttpStatusCode.OK), (path, await StatusAsync(open, path), await StatusAsync(management, path)));
        Assert.Equal(HttpStatusCode.Redirect, await StatusAsync(management, "/"));
        Assert.Equal("/operate", (await management.GetAsync(new Uri("/", UriKind.Relative))).Headers.Location?.ToString());
        foreach (var path in new[] { "/whip/live", "/whep/live" })
        {
            Assert.Equal(HttpStatusCode.NotFound, await PostAsync(management, path));
            Assert.NotEqual(HttpStatusCode.NotFound, await PostAsync(open, path));
        }

        // A name in the request does not make it one of the management port.
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics") { Headers = { Host = $"localhost:{node.Operate.Port}" } };
        Assert.Equal(HttpStatusCode.NotFound, (await open.SendAsync(request)).StatusCode);
    }

    [Fact]
    public async Task What_only_operators_may_do_is_not_on_the_public_port()
    {
        await using var node = await RunningNode.StartAsync(NoVariables, "--management-port", "0", "--no-auth");
        using var open = Client(node.Address);
        using var document = JsonDocument.Parse(await open.GetStringAsync("/api/v1/openapi.json"));
        var refused = 0;
        foreach (var path in document.RootElement.GetProperty("paths").EnumerateObject())
        {
            foreach (var operation in path.Value.EnumerateObject().Where(operation => operation.Value.TryGetProperty("summary", out _)))
            {
                if (!operation.Value.GetProperty("summary").GetString()!.Contains("(scope operate)", StringComparison.Ordinal)) continue;
                var address = path.Name.Replace("{", "", StringComparison.Ordinal).Replace("}", "", StringComparison.Ordinal);
                using var request = new HttpRequestMessage(new HttpMethod(operation.Name.ToUpperInvariant()), address);
                using var response = await open.SendAsync(request);
                Assert.Equal((operation.Name, path.Name, HttpStatusCode.NotFound, 0L), (operation.Name, path.Name, response.StatusCode, (await response.Content.ReadAsByteArrayAsync()).LongLength));
                refused++;
            }
        }

        Assert.True(refused > 20, $"{refused} operations");
    }

    [Fact]
    public async Task Metrics_need_no_token_there_and_management_does()
    {
        await using var node = await RunningNode.StartAsync(NoVariables, "--management-port", "0");
        using var management = Client(node.Operate);

        // As it would be from another machine, which may not read the metrics of the one port without a token.
        management.DefaultRequestHeaders.Add("X-Forwarded-For", "192.0.2.1");
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(management, "/metrics"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(management, "/health/ready"));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(management, "/api/v1/nodes"));
        Assert.Contains("token=", node.Operate.Query, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_one_everything_is_on_one_port()
    {
        await using var node = await RunningNode.StartAsync(NoVariables, "--no-auth");
        using var client = Client(node.Address);
        Assert.Equal(node.Address.Port, node.Operate.Port);
        foreach (var path in new[] { "/metrics", "/health/ready", "/operate", "/api/v1/nodes", "/publish", "/watch/live", "/" })
            Assert.Equal((path, HttpStatusCode.OK), (path, await StatusAsync(client, path)));
    }

    private static HttpClient Client(Uri address) =>
        new(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri(address.GetLeftPart(UriPartial.Authority)) };

    private static async Task<HttpStatusCode> StatusAsync(HttpClient client, string path)
    {
        using var response = await client.GetAsync(new Uri(path, UriKind.Relative));
        return response.StatusCode;
    }

    private static async Task<HttpStatusCode> PostAsync(HttpClient client, string path)
    {
        using var response = await client.PostAsync(new Uri(path, UriKind.Relative), new StringContent("v=0", null, "application/sdp"));
        return response.StatusCode;
    }
}
