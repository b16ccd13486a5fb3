using System.Net;
using System.Text.Json;
using Broadcast.Media.Sessions;
using Broadcast.Signalling.Auth;
using Broadcast.Signalling.Operate;
using Broadcast.Signalling.Sessions;
using Broadcast.Signalling.Tests.Fakes;
using Broadcast.Signalling.Tests.Operate;
using Microsoft.Extensions.DependencyInjection;

namespace Broadcast.Signalling.Tests.Auth;

public class BanTests
{
    [Fact]
    public async Task Who_is_banned_by_address_loses_the_session_and_gets_none_until_the_ban_ends()
    {
        await using var node = await TestNode.StartAsync();
        Assert.Equal(201, (int)(await WatchFromAsync(node, "192.0.2.7")).StatusCode);
        Assert.Equal(201, (int)(await WatchFromAsync(node, "198.51.100.1")).StatusCode);

        await BanAsync(node, """{"address": "192.0.2.0/24", "ttlSeconds": 600, "reason": "floods"}""");
        Assert.Equal(["session1"], node.Media.Closed);
        var refused = await WatchFromAsync(node, "192.0.2.7");
        await refused.AssertProblemAsync(403);
        Assert.Equal("600", refused.Header("Retry-After"));
        await (await WatchFromAsync(node, "::ffff:192.0.2.7")).AssertProblemAsync(403);
        Assert.Equal(201, (int)(await WatchFromAsync(node, "198.51.100.1")).StatusCode);

        node.Time.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(201, (int)(await WatchFromAsync(node, "192.0.2.7")).StatusCode);
        Assert.Empty((await ListAsync(node)).EnumerateArray());
    }

    [Fact]
    public async Task Who_is_banned_by_token_cannot_publish_with_it_and_others_can()
    {
        await using var node = await TestNode.StartAsync();
        var (his, hers) = (node.Token(TokenScope.Publish), node.Token(TokenScope.Publish));
        Assert.Equal(201, (int)(await node.PublishAsync(token: his)).StatusCode);
        var subject = node.Services.GetRequiredService<SessionViews>().Page("live", 0, 1).Sessions[0].Subject;
        Assert.NotNull(subject);

        await BanAsync(node, JsonSerializer.Serialize(new { subject }));
        await (await node.PublishAsync(token: his)).AssertProblemAsync(403);
        Assert.Equal(201, (int)(await node.PublishAsync(token: hers)).StatusCode);
        var id = (await ListAsync(node))[0].GetProperty("id").GetString();
        Assert.Equal(HttpStatusCode.NoContent, (await node.SendAsync("DELETE", $"/api/v1/bans/{id}", token: node.Token(TokenScope.Operate))).StatusCode);
        Assert.Equal(201, (int)(await node.PublishAsync(token: his)).StatusCode);
        await (await node.SendAsync("DELETE", $"/api/v1/bans/{id}", token: node.Token(TokenScope.Operate))).AssertProblemAsync(404);
    }

    [Fact]
    public async Task Bans_and_their_end_are_told_to_the_other_nodes()
    {
        await using var node = await TestNode.StartAsync();
        await BanAsync(node, """{"address": "2001:db8::1"}""");
        var id = (await ListAsync(node))[0].GetProperty("id").GetString();
        await node.SendAsync("DELETE", $"/api/v1/bans/{id}", token: node.Token(TokenScope.Operate));
        var told = ((SimulatedCluster)node.Services.GetRequiredService<IClusterFigures>()).Spread;
        Assert.Equal([id, id], told.Select(ban => ban.Id));
        var other = new BanList(node.Time);
        other.Set(told[0]);
        Assert.NotNull(other.Find(IPAddress.Parse("2001:db8::1"), null, null));
        other.Set(told[1]);
        other.Set(told[0]); // an old word that comes late
        Assert.Null(other.Find(IPAddress.Parse("2001:db8::1"), null, null));
    }

    [Fact]
    public async Task An_operator_is_never_kept_out()
    {
        await using var node = await TestNode.StartAsync();
        await BanAsync(node, """{"address": "192.0.2.7"}""");
        var answer = await node.SendAsync("GET", "/api/v1/bans", token: node.Token(TokenScope.Operate), headers: (TestNode.AddressHeader, "192.0.2.7"));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"address": "nowhere"}""")]
    [InlineData("""{"address": "192.0.2.1", "subject": "both"}""")]
    [InlineData("""{"subject": ""}""")]
    [InlineData("""{"subject": "a", "ttlSeconds": 0}""")]
    [InlineData("""{"subject": "a", "ttlSeconds": 2592001}""")]
    public async Task What_bans_nobody_or_for_ever_is_refused(string body)
    {
        await using var node = await TestNode.StartAsync();
        await (await node.SendAsync("POST", "/api/v1/bans", body, "application/json", node.Token(TokenScope.Operate))).AssertProblemAsync(400);
    }

    [Theory]
    [InlineData(TokenScope.None, "*", 401)]
    [InlineData(TokenScope.Publish, "*", 403)]
    [InlineData(TokenScope.Operate, "live", 403)]
    public async Task Bans_are_for_operators_of_everything(TokenScope scope, string stream, int status)
    {
        await using var node = await TestNode.StartAsync();
        var token = scope == TokenScope.None ? null : node.Token(scope, stream);
        foreach (var (method, path) in new[] { ("GET", "/api/v1/bans"), ("POST", "/api/v1/bans"), ("DELETE", "/api/v1/bans/x") })
            await (await node.SendAsync(method, path, token: token)).AssertProblemAsync(status);
    }

    [Fact]
    public async Task Who_is_refused_is_counted_and_who_is_not_is_not()
    {
        await using var node = await TestNode.StartAsync();
        var refused = node.Services.GetRequiredService<RefusedSessions>();
        await node.WatchAsync();
        Assert.Equal(0, refused.Total);
        await node.SendAsync("POST", "/whip/live", TestNode.Offer, "application/sdp");
        node.Media.Refusal = new SessionResult.Refused(SessionRefusal.NotLive, "Nobody publishes.");
        await node.WatchAsync();
        await BanAsync(node, """{"address": "192.0.2.7"}""");
        await WatchFromAsync(node, "192.0.2.7");
        Assert.Equal(3, refused.Total);
    }

    [Fact]
    public void The_list_is_bounded()
    {
        var time = new ManualTime();
        var list = new BanList(time);
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        for (var i = 0; i < BanList.Capacity; i++)
            Assert.True(list.Set(new Ban($"b{i}", $"s{i}", null, "", now, now + 60_000)));
        Assert.False(list.Set(new Ban("more", "more", null, "", now, now + 60_000)));
        time.Advance(TimeSpan.FromMinutes(2));
        Assert.True(list.Set(new Ban("more", "more", null, "", now, now + 600_000)));
    }

    private static async Task BanAsync(TestNode node, string body) =>
        Assert.Equal(HttpStatusCode.Created, (await node.SendAsync("POST", "/api/v1/bans", body, "application/json", node.Token(TokenScope.Operate))).StatusCode);

    private static async Task<JsonElement> ListAsync(TestNode node)
    {
        var answer = await node.SendAsync("GET", "/api/v1/bans", token: node.Token(TokenScope.Operate));
        using var document = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        return document.RootElement.Clone();
    }

    private static Task<HttpResponseMessage> WatchFromAsync(TestNode node, string address) =>
        node.SendAsync("POST", "/whep/live", TestNode.Offer, "application/sdp", headers: (TestNode.AddressHeader, address));
}
