using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Broadcast.Media.Sessions;
using Broadcast.Signalling.Auth;
using Broadcast.Signalling.Cluster;
using Broadcast.Signalling.Http;
using Broadcast.Signalling.Operate;
using Broadcast.Signalling.Tests.Operate;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Broadcast.Signalling.Tests.Fakes;

/// <summary>The HTTP plane in memory, over a fake media plane.</summary>
internal sealed class TestNode : IAsyncDisposable
{
    public const string Offer =
        "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE a v\r\n" +
        "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=ice-ufrag:peer1\r\na=ice-pwd:peerpassword0123456789ab\r\na=mid:a\r\n" +
        "m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=ice-ufrag:peer1\r\na=ice-pwd:peerpassword0123456789ab\r\na=mid:v\r\n";

    /// <summary>Stands in for the socket's remote address, which a test server lacks.</summary>
    public const string AddressHeader = "X-Test-Address";

    private readonly WebApplication _app;

    private TestNode(WebApplication app, FakeMediaPlane media, ManualTime time)
    {
        _app = app;
        Media = media;
        Time = time;
        Client = app.GetTestClient();
    }

    public FakeMediaPlane Media { get; }

    public ManualTime Time { get; }

    public FakeCluster Cluster => (FakeCluster)Services.GetRequiredService<IClusterOperations>();

    public HttpClient Client { get; }

    public WebSocketClient WebSockets => _app.GetTestServer().CreateWebSocketClient();

    public IServiceProvider Services => _app.Services;

    public static Task<TestNode> StartAsync(params (string Key, string Value)[] settings) => StartAsync(_ => { }, _ => { }, settings);

    public static Task<TestNode> StartAsync(Action<IServiceCollection> configure) => StartAsync(configure, _ => { }, []);

    public static Task<TestNode> StartAsync(Action<IServiceCollection> configure, (string Key, string Value)[] settings) => StartAsync(configure, _ => { }, settings);

    public static Task<TestNode> StartAsync(Action<WebApplication> beforeRouting) => StartAsync(_ => { }, beforeRouting, []);

    private static async Task<TestNode> StartAsync(
        Action<IServiceCollection> configure, Action<WebApplication> beforeRouting, (string Key, string Value)[] settings)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Production" });
        builder.WebHost.UseTestServer();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(settings.Select(pair => KeyValuePair.Create("Broadcast:" + pair.Key, (string?)pair.Value)));
        var media = new FakeMediaPlane();
        var time = new ManualTime();
        builder.Services.AddSingleton<IMediaPlane>(media).AddSingleton<TimeProvider>(time).AddSingleton<IClusterOperations, FakeCluster>()
            .AddSingleton<IClusterFigures>(new SimulatedCluster(nodes: 1, streams: 0, sessions: 0));
        configure(builder.Services);
        builder.Services.AddSignalling(builder.Configuration.GetSection("Broadcast"));
        var app = builder.Build();
        app.Use((context, next) =>
        {
            if (IPAddress.TryParse(context.Request.Headers[AddressHeader], out var address))
                context.Connection.RemoteIpAddress = address;
            return next(context);
        });
        beforeRouting(app);
        app.UseSignalling();
        await app.StartAsync();
        return new TestNode(app, media, time);
    }

    public string Token(TokenScope scopes, string stream = "*", TimeSpan? lifetime = null) =>
        _app.Services.GetRequiredService<TokenIssuer>().Issue(scopes, stream, lifetime ?? TimeSpan.FromHours(1)).Token.Reveal();

    public void Ready() => _app.Services.GetRequiredService<NodeReadiness>().IsReady = true;

    public Task<HttpResponseMessage> SendAsync(
        string method, string path, string? body = null, string? type = null, string? token = null, string? ifMatch = null, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            if (type is not null)
                request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        }

        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (ifMatch is not null)
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        return Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    public Task<HttpResponseMessage> PublishAsync(string stream = "live", string? token = null) =>
        SendAsync("POST", $"/whip/{stream}", Offer, "application/sdp", token ?? Token(TokenScope.Publish));

    public Task<HttpResponseMessage> WatchAsync(string stream = "live", string? token = null) =>
        SendAsync("POST", $"/whep/{stream}", Offer, "application/sdp", token);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}

internal static class Answers
{
    public static string Header(this HttpResponseMessage response, string name)
    {
        var values = response.Headers.TryGetValues(name, out var found) || response.Content.Headers.TryGetValues(name, out found) ? found : [];
        return string.Join(" | ", values);
    }

    /// <summary>Asserts that the answer is a problem document of RFC 9457 with this status, and returns its sentence.</summary>
    public static async Task<string> AssertProblemAsync(this HttpResponseMessage response, int status)
    {
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        using var document = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        var problem = document.RootElement;
        Assert.Equal(status, problem.GetProperty("status").GetInt32());
        Assert.StartsWith("urn:broadcast:problem:", problem.GetProperty("type").GetString(), StringComparison.Ordinal);
        Assert.NotEmpty(problem.GetProperty("title").GetString()!);
        var detail = problem.GetProperty("detail").GetString()!;
        Assert.NotEmpty(detail);
        return detail;
    }
}
