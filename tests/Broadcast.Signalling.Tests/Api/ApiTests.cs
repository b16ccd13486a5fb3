using System.Net;
using System.Text.Json;
using Broadcast.Media.Sessions;
using Broadcast.Signalling.Auth;
using Broadcast.Signalling.Tests.Fakes;

namespace Broadcast.Signalling.Tests.Api;

public class ApiTests
{
    [Fact]
    public async Task Streams_are_listed_as_far_as_the_caller_may_watch_publish_or_operate_them()
    {
        await using var node = await TestNode.StartAsync(("Watch:Streams:secret", "false"));
        node.Media.Set(FakeMediaPlane.Stream("open"));
        node.Media.Set(FakeMediaPlane.Stream("secret"));

        Assert.Equal(["open"], await NamesAsync(node, null));
        Assert.Equal(["open"], await NamesAsync(node, node.Token(TokenScope.Watch, "other")));
        Assert.Equal(["open", "secret"], await NamesAsync(node, node.Token(TokenScope.Watch, "secret")));
        Assert.Equal(["open", "secret"], await NamesAsync(node, node.Token(TokenScope.Publish, "secret")));
        Assert.Equal(["open", "secret"], await NamesAsync(node, node.Token(TokenScope.Operate)));
    }

    [Fact]
    public async Task A_stream_shows_its_tracks()
    {
        await using var node = await TestNode.StartAsync();
        node.Media.Set(FakeMediaPlane.Stream("live", viewers: 7));
        var stream = await JsonAsync(await node.SendAsync("GET", "/api/v1/streams/live"));
        Assert.Equal("live", stream.GetProperty("streamId").GetString());
        Assert.True(stream.GetProperty("active").GetBoolean());
        Assert.Equal(7, stream.GetProperty("viewers").GetInt32());
        var video = stream.GetProperty("tracks")[1];
        Assert.Equal("video", video.GetProperty("kind").GetString());
        Assert.Equal("VP8", video.GetProperty("codec").GetString());
        Assert.Equal(720, video.GetProperty("height").GetInt32());
    }

    [Fact]
    public async Task A_video_track_shows_its_layers()
    {
        await using var node = await TestNode.StartAsync();
        node.Media.Set(FakeMediaPlane.LayeredStream("live", best: false));
        var tracks = (await JsonAsync(await node.SendAsync("GET", "/api/v1/streams/live"))).GetProperty("tracks");
        Assert.Equal(0, tracks[0].GetProperty("layers").GetArrayLength());
        var layers = tracks[1].GetProperty("layers");
        Assert.Equal(["l 0 180 True", "l 1 360 True", "h 0 720 False"], layers.EnumerateArray().Select(layer =>
            $"{layer.GetProperty("rid").GetString()} {layer.GetProperty("spatialLayerId").GetInt32()} {layer.GetProperty("height").GetInt32()} {layer.GetProperty("active").GetBoolean()}"));
        Assert.Equal(2, layers[0].GetProperty("temporalLayers").GetInt32());
        Assert.Equal(700_000, layers[1].GetProperty("bitsPerSecond").GetInt64());
    }

    [Fact]
    public async Task A_viewers_session_shows_the_layer_it_gets()
    {
        await using var node = await TestNode.StartAsync();
        await node.WatchAsync();
        var before = await JsonAsync(await node.SendAsync("GET", "/api/v1/sessions/session1"));
        Assert.Equal(JsonValueKind.Null, before.GetProperty("layer").ValueKind);
        Assert.Equal(JsonValueKind.Null, before.GetProperty("estimatedBitsPerSecond").ValueKind);

        node.Media.Change(node.Media.GetSession("session1")! with
        {
            Layer = new LayerInUse("h", 0, 1, 1280, 720, Automatic: true, Paused: false, LayerLimit.Bandwidth),
            EstimatedBitsPerSecond = 3_000_000,
        });
        var after = await JsonAsync(await node.SendAsync("GET", "/api/v1/sessions/session1"));
        Assert.Equal("h", after.GetProperty("layer").GetProperty("rid").GetString());
        Assert.Equal(1, after.GetProperty("layer").GetProperty("temporalLayerId").GetInt32());
        Assert.True(after.GetProperty("layer").GetProperty("automatic").GetBoolean());
        Assert.Equal("bandwidth", after.GetProperty("layer").GetProperty("limit").GetString());
        Assert.Equal(3_000_000, after.GetProperty("estimatedBitsPerSecond").GetInt64());
    }

    [Theory]
    [InlineData(LayerLimit.None, "none")]
    [InlineData(LayerLimit.Viewer, "viewer")]
    [InlineData(LayerLimit.Bandwidth, "bandwidth")]
    [InlineData(LayerLimit.Node, "node")]
    [InlineData(LayerLimit.Policy, "policy")]
    [InlineData(LayerLimit.Keyframe, "keyframe")]
    [InlineData(LayerLimit.Proof, "proof")]
    public async Task Every_reason_for_a_layer_has_a_name(LayerLimit limit, string name)
    {
        await using var node = await TestNode.StartAsync();
        await node.WatchAsync();
        node.Media.Change(node.Media.GetSession("session1")! with { Layer = new LayerInUse("", 0, 0, 640, 360, Automatic: true, Paused: false, limit) });
        var session = await JsonAsync(await node.SendAsync("GET", "/api/v1/sessions/session1"));
        Assert.Equal(name, session.GetProperty("layer").GetProperty("limit").GetString());
    }

    [Fact]
    public async Task A_viewer_is_told_where_its_session_is_and_sees_there_what_its_network_carries()
    {
        await using var node = await TestNode.StartAsync(("Watch:Public", "false"));
        var mine = node.Token(TokenScope.Watch, "live");
        var links = (await node.WatchAsync(token: mine)).Headers.GetValues("Link");
        var link = Assert.Single(links, candidate => candidate.EndsWith("rel=\"urn:broadcast:whep:ext:session\"", StringComparison.Ordinal));
        var address = link[1..link.IndexOf('>', StringComparison.Ordinal)];
        node.Media.Change(node.Media.GetSession("session1")! with { EstimatedBitsPerSecond = 1_200_000 });

        var session = await node.SendAsync("GET", address, token: mine);
        Assert.Equal("no-store", session.Header("Cache-Control"));
        Assert.Equal(1_200_000, (await JsonAsync(session)).GetProperty("estimatedBitsPerSecond").GetInt64());
        await (await node.SendAsync("GET", address)).AssertProblemAsync(401);
        await (await node.SendAsync("GET", address, token: node.Token(TokenScope.Watch, "other"))).AssertProblemAsync(403);
    }

    [Fact]
    public async Task A_private_stream_does_not_show_whether_it_exists()
    {
        await using var node = await TestNode.StartAsync(("Watch:Public", "false"));
        node.Media.Set(FakeMediaPlane.Stream("live"));
        await (await node.SendAsync("GET", "/api/v1/streams/live")).AssertProblemAsync(401);
        await (await node.SendAsync("GET", "/api/v1/streams/nobody")).AssertProblemAsync(401);
        await (await node.SendAsync("GET", "/api/v1/streams/live", token: node.Token(TokenScope.Watch, "other"))).AssertProblemAsync(403);
        Assert.Equal(HttpStatusCode.OK, (await node.SendAsync("GET", "/api/v1/streams/live", token: node.Token(TokenScope.Watch, "live"))).StatusCode);
    }

    [Theory]
    [InlineData("/api/v1/streams/nobody", 404)]
    [InlineData("/api/v1/streams/a.b", 400)]
    [InlineData("/api/v1/sessions/nobody", 404)]
    [InlineData("/api/v1/nothing", 404)]
    [InlineData("/api/v2/streams", 404)]
    public async Task What_is_not_there_is_a_problem_document(string path, int status)
    {
        await using var node = await TestNode.StartAsync();
        await (await node.SendAsync("GET", path)).AssertProblemAsync(status);
    }

    [Theory]
    [InlineData(TokenScope.None, "*", 401)]
    [InlineData(TokenScope.Publish, "live", 403)]
    [InlineData(TokenScope.Watch, "live", 403)]
    [InlineData(TokenScope.Operate, "other", 403)]
    [InlineData(TokenScope.Operate, "live", 200)]
    [InlineData(TokenScope.Operate, "*", 200)]
    public async Task Sessions_of_a_stream_are_for_operators(TokenScope scope, string stream, int status)
    {
        await using var node = await TestNode.StartAsync();
        await node.WatchAsync();
        var token = scope == TokenScope.None ? null : node.Token(scope, stream);
        var response = await node.SendAsync("GET", "/api/v1/streams/live/sessions", token: token);
        Assert.Equal(status, (int)response.StatusCode);
        if (status != 200)
            return;
        var session = (await JsonAsync(response))[0];
        Assert.Equal("session1", session.GetProperty("sessionId").GetString());
        Assert.Equal("viewer", session.GetProperty("kind").GetString());
        Assert.Equal("new", session.GetProperty("state").GetString());
        Assert.Equal(2, session.GetProperty("connectedFor").GetDouble());
        Assert.Equal(0.0125, session.GetProperty("roundTrip").GetDouble());
    }

    [Fact]
    public async Task A_session_is_shown_to_its_owner_and_to_operators()
    {
        await using var node = await TestNode.StartAsync(("Watch:Public", "false"));
        await node.PublishAsync();
        await (await node.SendAsync("GET", "/api/v1/sessions/session1")).AssertProblemAsync(401);
        await (await node.SendAsync("GET", "/api/v1/sessions/session1", token: node.Token(TokenScope.Watch))).AssertProblemAsync(403);
        foreach (var scope in new[] { TokenScope.Publish, TokenScope.Operate })
            Assert.Equal(HttpStatusCode.OK, (await node.SendAsync("GET", "/api/v1/sessions/session1", token: node.Token(scope, "live"))).StatusCode);
    }

    [Fact]
    public async Task Only_an_operator_ends_a_session()
    {
        await using var node = await TestNode.StartAsync();
        await node.WatchAsync();
        await (await node.SendAsync("DELETE", "/api/v1/sessions/session1")).AssertProblemAsync(401);
        await (await node.SendAsync("DELETE", "/api/v1/sessions/session1", token: node.Token(TokenScope.Watch))).AssertProblemAsync(403);
        await (await node.SendAsync("DELETE", "/api/v1/sessions/session1", token: node.Token(TokenScope.Operate, "other"))).AssertProblemAsync(403);
        Assert.Empty(node.Media.Closed);

        var operate = node.Token(TokenScope.Operate);
        Assert.Equal(HttpStatusCode.NoContent, (await node.SendAsync("DELETE", "/api/v1/sessions/session1", token: operate)).StatusCode);
        Assert.Equal(["session1"], node.Media.Closed);
        await (await node.SendAsync("DELETE", "/api/v1/sessions/session1", token: operate)).AssertProblemAsync(404);
        await (await node.SendAsync("GET", "/whep/live/session1")).AssertProblemAsync(404);
    }

    [Fact]
    public async Task An_operator_mints_a_token_that_works()
    {
        await using var node = await TestNode.StartAsync();
        var response = await MintAsync(node, "{\"scope\":\"publish watch\",\"stream\":\"live\",\"ttlSeconds\":60}", node.Token(TokenScope.Operate));
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Equal("no-store", response.Header("Cache-Control"));
        var minted = await JsonAsync(response);
        Assert.Equal("publish watch", minted.GetProperty("scope").GetString());
        Assert.Equal(node.Time.GetUtcNow().AddMinutes(1), minted.GetProperty("expiresAt").GetDateTimeOffset());
        var token = minted.GetProperty("token").GetString()!;
        Assert.Equal(HttpStatusCode.Created, (await node.PublishAsync("live", token)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await node.PublishAsync("other", token)).StatusCode);
    }

    [Theory]
    [InlineData(TokenScope.None, "*", 401)]
    [InlineData(TokenScope.Publish, "*", 403)]
    [InlineData(TokenScope.Operate, "other", 403)]
    [InlineData(TokenScope.Operate, "live", 201)]
    public async Task Nobody_mints_more_than_they_hold(TokenScope scope, string stream, int status)
    {
        await using var node = await TestNode.StartAsync();
        var token = scope == TokenScope.None ? null : node.Token(scope, stream);
        Assert.Equal(status, (int)(await MintAsync(node, "{\"scope\":\"publish\",\"stream\":\"live\"}", token)).StatusCode);
        Assert.NotEqual(201, (int)(await MintAsync(node, "{\"scope\":\"publish\",\"stream\":\"*\"}", token)).StatusCode);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{\"scope\":\"publish\"}")]
    [InlineData("{\"scope\":\"admin\",\"stream\":\"live\"}")]
    [InlineData("{\"scope\":\"\",\"stream\":\"live\"}")]
    [InlineData("{\"scope\":\"publish\",\"stream\":\"a b\"}")]
    [InlineData("{\"scope\":\"publish\",\"stream\":\"live\",\"ttlSeconds\":0}")]
    [InlineData("{\"scope\":\"publish\",\"stream\":\"live\",\"ttlSeconds\":9223372036854775807}")]
    [InlineData("{\"scope\":\"publish\",\"stream\":\"live\",\"ttlSeconds\":\"soon\"}")]
    public async Task A_malformed_request_for_a_token_answers_400(string body)
    {
        await using var node = await TestNode.StartAsync();
        await (await MintAsync(node, body, node.Token(TokenScope.Operate))).AssertProblemAsync(400);
    }

    [Fact]
    public async Task Whoami_says_what_a_token_may_do()
    {
        await using var node = await TestNode.StartAsync();
        var nobody = await JsonAsync(await node.SendAsync("GET", "/api/v1/whoami"));
        Assert.False(nobody.GetProperty("authenticated").GetBoolean());
        Assert.Equal(0, nobody.GetProperty("scopes").GetArrayLength());

        var publisher = await JsonAsync(await node.SendAsync("GET", "/api/v1/whoami", token: node.Token(TokenScope.Publish | TokenScope.Watch, "live")));
        Assert.True(publisher.GetProperty("authenticated").GetBoolean());
        Assert.Equal(["publish", "watch"], publisher.GetProperty("scopes").EnumerateArray().Select(scope => scope.GetString()!));
        Assert.Equal("live", publisher.GetProperty("stream").GetString());
        await (await node.SendAsync("GET", "/api/v1/whoami", token: "nonsense")).AssertProblemAsync(401);
    }

    [Fact]
    public async Task Info_says_what_pages_need()
    {
        await using var node = await TestNode.StartAsync(("Watch:Public", "false"));
        var info = await JsonAsync(await node.SendAsync("GET", "/api/v1/info"));
        Assert.NotEmpty(info.GetProperty("version").GetString()!);
        Assert.True(info.GetProperty("tokenRequired").GetBoolean());
        Assert.False(info.GetProperty("publicWatch").GetBoolean());
        Assert.Equal(262144, info.GetProperty("limits").GetProperty("maxBodyBytes").GetInt32());
    }

    [Fact]
    public async Task The_openapi_document_describes_every_address()
    {
        await using var node = await TestNode.StartAsync();
        var document = await JsonAsync(await node.SendAsync("GET", "/api/v1/openapi.json"));
        var paths = document.GetProperty("paths").EnumerateObject().Select(path => path.Name).Order(StringComparer.Ordinal);
        Assert.Equal(
            [
                "/api/v1/bans", "/api/v1/bans/{ban}", "/api/v1/info", "/api/v1/nodes", "/api/v1/nodes/{node}", "/api/v1/nodes/{node}/drain", "/api/v1/scale",
                "/api/v1/sessions/{session}", "/api/v1/streams", "/api/v1/streams/{stream}",
                "/api/v1/streams/{stream}/sessions", "/api/v1/streams/{stream}/tree", "/api/v1/tokens", "/api/v1/webhooks",
                "/api/v1/webhooks/dead-letters", "/api/v1/webhooks/dead-letters/{id}", "/api/v1/webhooks/dead-letters/{id}/deliver", "/api/v1/webhooks/test", "/api/v1/whoami",
            ],
            paths);
        Assert.True(document.GetProperty("components").GetProperty("schemas").TryGetProperty("StreamView", out _));
    }

    [Fact]
    public async Task Health_tells_alive_from_ready()
    {
        await using var node = await TestNode.StartAsync();
        Assert.Equal(HttpStatusCode.OK, (await node.SendAsync("GET", "/health/live")).StatusCode);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await node.SendAsync("GET", "/health/ready")).StatusCode);
        node.Ready();
        Assert.Equal(HttpStatusCode.OK, (await node.SendAsync("GET", "/health/ready")).StatusCode);
    }

    private static Task<HttpResponseMessage> MintAsync(TestNode node, string body, string? token) =>
        node.SendAsync("POST", "/api/v1/tokens", body, "application/json", token);

    private static async Task<JsonElement> JsonAsync(HttpResponseMessage response)
    {
        Assert.True(response.IsSuccessStatusCode, $"{response.StatusCode}");
        using var document = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        return document.RootElement.Clone();
    }

    private static async Task<List<string>> NamesAsync(TestNode node, string? token) =>
        [.. (await JsonAsync(await node.SendAsync("GET", "/api/v1/streams", token: token))).EnumerateArray()
            .Select(stream => stream.GetProperty("streamId").GetString()!).Order(StringComparer.Ordinal)];
}
