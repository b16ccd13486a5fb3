using System.Net;
using Broadcast.Media.Sessions;
using Broadcast.Signalling.Auth;
using Broadcast.Signalling.Tests.Fakes;

namespace Broadcast.Signalling.Tests.Whep;

public class LayerTests
{
    private const string Layer = "/whep/live/session1/layer";

    [Fact]
    public async Task Every_wish_reaches_the_media_plane()
    {
        await using var node = await WatchedAsync();
        var response = await PostAsync(node, """
            {"mediaId":"1","encodingId":"h-_9","spatialLayerId":2,"temporalLayerId":0,"maxSpatialLayerId":1,"maxTemporalLayerId":3,
             "maxWidth":1280,"maxHeight":720,"maxBitrate":2500000}
            """);
        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        Assert.Equal("session1", node.Media.LastChoice?.SessionId);
        Assert.Equal(
            new LayerChoice
            {
                Rid = "h-_9",
                SpatialId = 2,
                TemporalId = 0,
                MaxSpatialId = 1,
                MaxTemporalId = 3,
                MaxWidth = 1280,
                MaxHeight = 720,
                MaxBitsPerSecond = 2_500_000,
            },
            node.Media.LastChoice?.Choice);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData(" { } ")]
    [InlineData("{\"encodingId\":null,\"maxHeight\":null}")]
    [InlineData("{\"mediaId\":\"1\"}")]
    [InlineData("{\"mediaId\":1}")]
    [InlineData("{\"colour\":\"red\",\"nested\":{\"a\":[1]}}")]
    public async Task A_body_without_a_known_wish_is_automatic(string body)
    {
        await using var node = await WatchedAsync();
        Assert.Equal(HttpStatusCode.NoContent, (await PostAsync(node, body)).StatusCode);
        Assert.True(node.Media.LastChoice?.Choice.IsAutomatic);
    }

    [Theory]
    [InlineData("{\"rid\":\"h\"}")]
    [InlineData("{\"encodingId\":\"h\"}")]
    [InlineData("{\"encodingId\":\"h\",\"rid\":\"h\"}")]
    public async Task The_encoding_may_be_named_as_either_draft_does(string body)
    {
        await using var node = await WatchedAsync();
        Assert.Equal(HttpStatusCode.NoContent, (await PostAsync(node, body)).StatusCode);
        Assert.Equal("h", node.Media.LastChoice?.Choice.Rid);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("\"h\"")]
    [InlineData("{} x")]
    [InlineData("{\"rid\":1}")]
    [InlineData("{\"rid\":\"\"}")]
    [InlineData("{\"rid\":\"seventeen-letters\"}")]
    [InlineData("{\"rid\":\"a b\"}")]
    [InlineData("{\"rid\":\"ä\"}")]
    [InlineData("{\"rid\":\"\\ud800\"}")]
    [InlineData("{\"rid\":\"a\",\"encodingId\":\"b\"}")]
    [InlineData("{\"mediaId\":true}")]
    [InlineData("{\"spatialLayerId\":-1}")]
    [InlineData("{\"spatialLayerId\":256}")]
    [InlineData("{\"temporalLayerId\":\"1\"}")]
    [InlineData("{\"maxTemporalLayerId\":1.5}")]
    [InlineData("{\"maxWidth\":0}")]
    [InlineData("{\"maxHeight\":65536}")]
    [InlineData("{\"maxBitrate\":0}")]
    [InlineData("{\"maxBitrate\":10000000001}")]
    [InlineData("{\"maxBitrate\":1e99}")]
    [InlineData("{\"deep\":[[[[[[[[[[]]]]]]]]]]}")]
    public async Task A_malformed_wish_answers_400_and_changes_nothing(string body)
    {
        await using var node = await WatchedAsync();
        await (await PostAsync(node, body)).AssertProblemAsync(400);
        Assert.Null(node.Media.LastChoice);
    }

    [Fact]
    public async Task A_problem_names_the_member_that_is_wrong()
    {
        await using var node = await WatchedAsync();
        Assert.Contains("maxWidth", await (await PostAsync(node, "{\"maxHeight\":9,\"maxWidth\":0}")).AssertProblemAsync(400), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/whep/live/nobody/layer")]
    [InlineData("/whep/other/session1/layer")]
    public async Task An_unknown_session_answers_404(string path)
    {
        await using var node = await WatchedAsync();
        await (await node.SendAsync("POST", path, "{}", "application/json")).AssertProblemAsync(404);
    }

    [Fact]
    public async Task A_session_that_ends_meanwhile_answers_404()
    {
        await using var node = await WatchedAsync();
        node.Media.ChoiceResult = LayerChoiceResult.UnknownSession;
        await (await PostAsync(node, "{}")).AssertProblemAsync(404);
    }

    [Fact]
    public async Task A_publishers_session_has_no_layers_to_choose()
    {
        await using var node = await TestNode.StartAsync();
        await node.PublishAsync();
        var response = await node.SendAsync("POST", "/whip/live/session1/layer", "{}", "application/json", node.Token(TokenScope.Publish));
        await response.AssertProblemAsync(404);
    }

    [Fact]
    public async Task A_session_without_video_answers_409()
    {
        await using var node = await WatchedAsync();
        node.Media.ChoiceResult = LayerChoiceResult.NoVideo;
        await (await PostAsync(node, "{}")).AssertProblemAsync(409);
    }

    [Fact]
    public async Task A_layer_that_does_not_exist_answers_422_and_what_does()
    {
        await using var node = await WatchedAsync();
        node.Media.Set(FakeMediaPlane.LayeredStream("live"));
        node.Media.ChoiceResult = LayerChoiceResult.UnknownLayer;
        var detail = await (await PostAsync(node, "{\"rid\":\"x\"}")).AssertProblemAsync(422);
        Assert.Equal(
            "There is no such layer now. There are: encodingId \"l\", spatialLayerId 0, temporalLayerId 0 to 1 (320 × 180); "
            + "encodingId \"l\", spatialLayerId 1, temporalLayerId 0 to 1 (640 × 360); encodingId \"h\", spatialLayerId 0, temporalLayerId 0 (1280 × 720).",
            detail);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("v")]
    public async Task A_media_id_that_is_not_the_video_answers_422(string mediaId)
    {
        await using var node = await WatchedAsync();
        var detail = await (await PostAsync(node, $"{{\"mediaId\":\"{mediaId}\"}}")).AssertProblemAsync(422);
        Assert.Contains("\"1\"", detail, StringComparison.Ordinal);
        Assert.Null(node.Media.LastChoice);
    }

    [Fact]
    public async Task Another_type_answers_415_and_names_the_right_one()
    {
        await using var node = await WatchedAsync();
        var response = await node.SendAsync("POST", Layer, "{}", "text/plain");
        await response.AssertProblemAsync(415);
        Assert.Equal("application/json", response.Header("Accept-Post"));
    }

    [Fact]
    public async Task A_body_over_4_KB_answers_413()
    {
        await using var node = await WatchedAsync();
        await (await PostAsync(node, "{}" + new string(' ', 4096))).AssertProblemAsync(413);
        Assert.Equal(HttpStatusCode.NoContent, (await PostAsync(node, "{}" + new string(' ', 4094))).StatusCode);
    }

    [Fact]
    public async Task Reading_answers_405()
    {
        await using var node = await WatchedAsync();
        await (await node.SendAsync("GET", Layer)).AssertProblemAsync(405);
    }

    [Theory]
    [InlineData(TokenScope.None, "*", 401)]
    [InlineData(TokenScope.Publish, "live", 403)]
    [InlineData(TokenScope.Watch, "other", 403)]
    [InlineData(TokenScope.Watch, "live", 204)]
    public async Task On_a_private_stream_it_needs_the_token_of_the_session(TokenScope scope, string stream, int status)
    {
        await using var node = await TestNode.StartAsync(("Watch:Public", "false"));
        await node.WatchAsync(token: node.Token(TokenScope.Watch));
        var token = scope == TokenScope.None ? null : node.Token(scope, stream);
        Assert.Equal(status, (int)(await node.SendAsync("POST", Layer, "{}", "application/json", token)).StatusCode);
        Assert.Equal(status == 204, node.Media.LastChoice is not null);
    }

    [Fact]
    public async Task Wishes_count_toward_the_rate_limit()
    {
        await using var node = await TestNode.StartAsync(("RateLimit:PerAddress", "1"), ("RateLimit:BurstSeconds", "2"));
        await node.WatchAsync();
        for (var count = 0; ; count++)
        {
            // One permit a second: a thousand in a row cannot all find one, unless the machine stands still.
            Assert.True(count < 1000, "No wish was refused.");
            var response = await PostAsync(node, "{}");
            if (response.StatusCode == HttpStatusCode.NoContent)
                continue;
            await response.AssertProblemAsync(429);
            return;
        }
    }

    private static async Task<TestNode> WatchedAsync()
    {
        var node = await TestNode.StartAsync();
        await node.WatchAsync();
        return node;
    }

    private static Task<HttpResponseMessage> PostAsync(TestNode node, string body) => node.SendAsync("POST", Layer, body, "application/json");
}
