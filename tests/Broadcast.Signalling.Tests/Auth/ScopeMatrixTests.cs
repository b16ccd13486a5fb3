using System.Globalization;
using Broadcast.Signalling.Auth;
using Broadcast.Signalling.Tests.Fakes;

namespace Broadcast.Signalling.Tests.Auth;

public class ScopeMatrixTests
{
    [Theory]
    [InlineData("none", "-", 401, 401)]
    [InlineData("publish", "live", 201, 403)]
    [InlineData("publish", "*", 201, 403)]
    [InlineData("publish", "other", 403, 403)]
    [InlineData("watch", "live", 403, 201)]
    [InlineData("watch", "*", 403, 201)]
    [InlineData("watch", "other", 403, 403)]
    [InlineData("operate", "*", 403, 403)]
    [InlineData("publish watch", "live", 201, 201)]
    [InlineData("publish watch operate", "*", 201, 201)]
    public async Task Each_scope_opens_its_own_door(string scope, string stream, int whip, int whep)
    {
        await using var node = await TestNode.StartAsync(("Watch:Public", "false"));
        var token = TokenScopes.TryParse(scope, out var scopes) ? node.Token(scopes, stream) : null;
        Assert.Equal(whip, (int)(await node.SendAsync("POST", "/whip/live", TestNode.Offer, "application/sdp", token)).StatusCode);
        Assert.Equal(whep, (int)(await node.SendAsync("POST", "/whep/live", TestNode.Offer, "application/sdp", token)).StatusCode);
    }

    [Theory]
    [InlineData("true", "open", 201)]
    [InlineData("true", "closed", 401)]
    [InlineData("false", "open", 201)]
    [InlineData("false", "closed", 401)]
    [InlineData("true", "unnamed", 201)]
    [InlineData("false", "unnamed", 401)]
    public async Task Watching_is_public_by_default_and_by_stream(string isPublic, string stream, int status)
    {
        await using var node = await TestNode.StartAsync(
            ("Watch:Public", isPublic), ("Watch:Streams:open", "true"), ("Watch:Streams:closed", "false"));
        Assert.Equal(status, (int)(await node.WatchAsync(stream)).StatusCode);
    }

    [Fact]
    public async Task Without_authentication_everything_is_allowed()
    {
        await using var node = await TestNode.StartAsync(("Auth:Disabled", "true"), ("Watch:Public", "false"));
        Assert.Equal(201, (int)(await node.SendAsync("POST", "/whip/live", TestNode.Offer, "application/sdp")).StatusCode);
        Assert.Equal(201, (int)(await node.WatchAsync()).StatusCode);
    }

    [Fact]
    public async Task Refusals_name_what_is_missing()
    {
        await using var node = await TestNode.StartAsync();
        var missing = await node.SendAsync("POST", "/whip/live", TestNode.Offer, "application/sdp");
        Assert.Equal("Bearer realm=\"broadcast\"", missing.Header("WWW-Authenticate"));
        var invalid = await node.PublishAsync(token: "nonsense");
        Assert.Equal("Bearer realm=\"broadcast\", error=\"invalid_token\"", invalid.Header("WWW-Authenticate"));
        var wrong = await node.PublishAsync(token: node.Token(TokenScope.Watch));
        Assert.Equal("Bearer realm=\"broadcast\", error=\"insufficient_scope\", scope=\"publish\"", wrong.Header("WWW-Authenticate"));
    }

    [Fact]
    public async Task A_token_in_the_query_is_not_taken_for_publishing()
    {
        await using var node = await TestNode.StartAsync();
        var path = $"/whip/live?token={node.Token(TokenScope.Publish)}";
        await (await node.SendAsync("POST", path, TestNode.Offer, "application/sdp")).AssertProblemAsync(401);
    }

    [Fact]
    public async Task An_expired_token_is_refused_after_the_clock_skew()
    {
        await using var node = await TestNode.StartAsync(("Auth:ClockSkew", "00:00:10"));
        var token = node.Token(TokenScope.Publish, lifetime: TimeSpan.FromMinutes(1));
        node.Time.Advance(TimeSpan.FromSeconds(69));
        Assert.Equal(201, (int)(await node.PublishAsync(token: token)).StatusCode);
        node.Time.Advance(TimeSpan.FromSeconds(2));
        await (await node.PublishAsync(token: token)).AssertProblemAsync(401);
    }

    [Fact]
    public async Task Many_invalid_tokens_from_one_address_answer_429_there_and_nowhere_else()
    {
        await using var node = await TestNode.StartAsync(("Auth:FailuresPerMinute", "3"));
        for (var attempt = 0; attempt < 3; attempt++)
            await (await PublishFromAsync(node, "192.0.2.1", "nonsense" + attempt.ToString(CultureInfo.InvariantCulture))).AssertProblemAsync(401);

        var refused = await PublishFromAsync(node, "192.0.2.1", node.Token(TokenScope.Publish));
        await refused.AssertProblemAsync(429);
        Assert.Equal("60", refused.Header("Retry-After"));
        Assert.Equal(201, (int)(await PublishFromAsync(node, "192.0.2.2", node.Token(TokenScope.Publish))).StatusCode);
    }

    private static Task<HttpResponseMessage> PublishFromAsync(TestNode node, string address, string token) =>
        node.SendAsync("POST", "/whip/live", TestNode.Offer, "application/sdp", token, headers: (TestNode.AddressHeader, address));
}
