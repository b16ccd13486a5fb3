using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Broadcast.Media.Sessions;
using Broadcast.Signalling;
using Broadcast.Signalling.Auth;
using Broadcast.Signalling.Cluster;
using Broadcast.Signalling.Tests.Fakes;
using Broadcast.Usage.Collect;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Broadcast.Usage.Tests.Collect;

/// <summary>From a POST to a record that can be read.</summary>
public sealed class CollectTests : IAsyncLifetime, IDisposable
{
    private const string Offer = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=ice-ufrag:peer1\r\na=mid:a\r\n";

    private readonly string _data = Directory.CreateTempSubdirectory("usage-").FullName;
    private readonly FakeMediaPlane _media = new();
    private readonly ManualTime _time = new();
    private WebApplication _app = null!;
    private HttpClient _client = null!;

    private UsageWriter Writer => _app.Services.GetRequiredService<UsageWriter>();

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Production" });
        builder.WebHost.UseTestServer();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<IMediaPlane>(_media).AddSingleton<TimeProvider>(_time).AddSingleton<IClusterOperations, FakeCluster>();
        builder.Services.AddUsage(new UsageOptions(), _data);
        builder.Services.AddSignalling(builder.Configuration.GetSection("Broadcast"));
        _app = builder.Build();
        _app.UseSignalling();
        _app.MapUsage();
        await _app.StartAsync();
        _client = _app.GetTestClient();
    }

    public async Task DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Fact]
    public async Task An_ended_session_is_a_record_with_its_qualities_and_a_clock_that_jumps_changes_nothing()
    {
        var id = await WatchAsync();
        var session = _media.GetSession(id)!;
        _media.Change(session with { Layer = new LayerInUse("l", 0, 0, 640, 360, true, false, LayerLimit.Bandwidth) });
        _time.Advance(TimeSpan.FromSeconds(10));
        _media.Change(session with { Layer = new LayerInUse("h", 0, 0, 1280, 720, true, false, LayerLimit.None) });
        _time.Advance(TimeSpan.FromSeconds(5));
        _media.Change(session with { ConnectedFor = TimeSpan.FromSeconds(15), Layer = new LayerInUse("h", 0, 0, 1280, 720, true, true, LayerLimit.Bandwidth) });
        _time.Advance(TimeSpan.FromSeconds(1));
        _media.Change(_media.GetSession(id)! with { ConnectedFor = TimeSpan.FromSeconds(16) });
        _media.Close(id);

        var record = Assert.Single(await SessionsAsync(1));
        Assert.Equal(("live", "viewer", "closed"), (Text(record, "stream"), Text(record, "kind"), Text(record, "endReason")));
        Assert.Equal(16, record.GetProperty("seconds").GetDouble());
        Assert.Equal("[{\"height\":360,\"seconds\":10},{\"height\":720,\"seconds\":5}]", record.GetProperty("heights").GetRawText());
        Assert.Equal((11.0, 1.0), (record.GetProperty("bandwidthLimitedSeconds").GetDouble(), record.GetProperty("pausedSeconds").GetDouble()));
        Assert.Equal(record.GetProperty("startedAt").GetDateTimeOffset().AddSeconds(16), record.GetProperty("endedAt").GetDateTimeOffset());
        Assert.Equal(24, Text(record, "viewerId")!.Length);
        Assert.DoesNotContain("address", record.GetRawText(), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Pages_are_stable_and_csv_has_all()
    {
        for (var number = 0; number < 5; number++) _media.Close(await WatchAsync());
        await SessionsAsync(5);
        var seen = new List<string?>();
        for (string? next = ""; next is not null;)
        {
            var page = await GetAsync($"/api/v1/usage?limit=2{(next.Length > 0 ? $"&after={next}" : "")}");
            seen.AddRange(page.GetProperty("sessions").EnumerateArray().Select(record => Text(record, "sessionId")));
            next = Text(page, "next");
        }

        Assert.Equal(5, seen.Distinct().Count());
        using var response = await SendAsync("/api/v1/usage?format=csv&stream=live", Token(TokenScope.Operate, "live"));
        Assert.Equal("text/csv", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal(6, (await response.Content.ReadAsStringAsync()).Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public async Task Days_count_those_who_are_still_there()
    {
        await WatchAsync();
        var day = Assert.Single((await GetAsync("/api/v1/usage/daily?from=2026-03-01&to=2026-03-01")).GetProperty("days").EnumerateArray());
        Assert.Equal((1, 1, 2.0), (day.GetProperty("sessions").GetInt32(), day.GetProperty("peakViewers").GetInt32(), day.GetProperty("viewerSeconds").GetDouble()));
    }

    [Theory]
    [InlineData("/api/v1/usage", TokenScope.Operate, "live", 403)]
    [InlineData("/api/v1/usage?stream=live", TokenScope.Operate, "live", 200)]
    [InlineData("/api/v1/usage?stream=other", TokenScope.Operate, "live", 403)]
    [InlineData("/api/v1/usage?stream=live", TokenScope.Publish, "*", 403)]
    [InlineData("/api/v1/usage/daily", TokenScope.Operate, "*", 200)]
    [InlineData("/api/v1/usage/daily", TokenScope.Operate, "live", 403)]
    [InlineData("/api/v1/usage?from=yesterday", TokenScope.Operate, "*", 400)]
    [InlineData("/api/v1/usage?after=1", TokenScope.Operate, "*", 400)]
    [InlineData("/api/v1/usage?limit=0", TokenScope.Operate, "*", 400)]
    [InlineData("/api/v1/usage?format=xml", TokenScope.Operate, "*", 400)]
    [InlineData("/api/v1/usage/daily?from=2020-01-01&to=2026-01-01", TokenScope.Operate, "*", 400)]
    public async Task Only_operators_read_and_nonsense_is_refused(string path, TokenScope scope, string stream, int status)
    {
        using var response = await SendAsync(path, Token(scope, stream));
        Assert.Equal(status, (int)response.StatusCode);
    }

    [Fact]
    public async Task A_session_that_never_connected_leaves_no_record()
    {
        var id = await WatchAsync();
        _media.Change(_media.GetSession(id)! with { ConnectedFor = TimeSpan.Zero });
        _media.Close(id);
        _media.Close(await WatchAsync());
        Assert.Single(await SessionsAsync(1));
        Assert.Equal(1, _app.Services.GetRequiredService<UsageBook>().Unconnected);
    }

    private static string? Text(JsonElement record, string name) => record.GetProperty(name).GetString();

    private string Token(TokenScope scopes, string stream = "*") => _app.Services.GetRequiredService<TokenIssuer>().Issue(scopes, stream, TimeSpan.FromHours(1)).Token.Reveal();

    private async Task<string> WatchAsync()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/whep/live") { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(Offer)) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/sdp");
        using var response = await _client.SendAsync(request);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        return response.Headers.Location!.ToString().Split('/')[^1];
    }

    private Task<HttpResponseMessage> SendAsync(string path, string token)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return _client.SendAsync(request);
    }

    private async Task<JsonElement> GetAsync(string path)
    {
        using var response = await SendAsync(path, Token(TokenScope.Operate));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.Clone();
    }

    /// <summary>The records, when the writer has written so many.</summary>
    private async Task<JsonElement[]> SessionsAsync(int count)
    {
        for (var until = DateTime.UtcNow.AddSeconds(30); Writer.Written < count;)
        {
            Assert.True(DateTime.UtcNow < until, "Nothing was written.");
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(5);
        }

        return [.. (await GetAsync("/api/v1/usage")).GetProperty("sessions").EnumerateArray()];
    }
}
