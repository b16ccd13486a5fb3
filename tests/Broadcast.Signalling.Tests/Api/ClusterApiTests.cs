using System.Net;
using System.Text.Json;
using Broadcast.Signalling.Auth;
using Broadcast.Signalling.Tests.Fakes;

namespace Broadcast.Signalling.Tests.Api;

public class ClusterApiTests
{
    [Theory]
    [InlineData("GET", "/api/v1/nodes")]
    [InlineData("GET", "/api/v1/nodes/a")]
    [InlineData("POST", "/api/v1/nodes/a/drain")]
    [InlineData("DELETE", "/api/v1/nodes/a/drain")]
    [InlineData("GET", "/api/v1/scale")]
    public async Task Nodes_are_for_operators_of_everything(string method, string path)
    {
        await using var node = await TestNode.StartAsync();
        await (await node.SendAsync(method, path)).AssertProblemAsync(401);
        await (await node.SendAsync(method, path, token: node.Token(TokenScope.Publish | TokenScope.Watch))).AssertProblemAsync(403);
        await (await node.SendAsync(method, path, token: node.Token(TokenScope.Operate, "live"))).AssertProblemAsync(403);
        Assert.True((await node.SendAsync(method, path, token: node.Token(TokenScope.Operate))).IsSuccessStatusCode);
    }

    [Fact]
    public async Task A_node_shows_what_it_is_carries_and_can_carry()
    {
        await using var node = await TestNode.StartAsync();
        var nodes = await JsonAsync(node, "/api/v1/nodes");
        Assert.Equal(["a", "b"], nodes.EnumerateArray().Select(each => each.GetProperty("nodeId").GetString()!));
        var one = await JsonAsync(node, "/api/v1/nodes/b");
        Assert.Equal(nodes[1].GetRawText(), one.GetRawText());
        Assert.Equal("up", one.GetProperty("state").GetString());
        Assert.False(one.GetProperty("isThis").GetBoolean());
        Assert.Equal("https://b.example", one.GetProperty("url").GetString());
        Assert.Equal(["ingest", "edge"], one.GetProperty("roles").EnumerateArray().Select(role => role.GetString()!));
        Assert.Equal(2, one.GetProperty("load").GetProperty("viewers").GetInt32());
        Assert.Equal(256, one.GetProperty("capacity").GetProperty("children").GetInt32());
    }

    [Fact]
    public async Task Draining_begins_with_post_and_ends_with_delete()
    {
        await using var node = await TestNode.StartAsync();
        var operate = node.Token(TokenScope.Operate);
        Assert.Equal(HttpStatusCode.NoContent, (await node.SendAsync("POST", "/api/v1/nodes/b/drain", token: operate)).StatusCode);
        Assert.Equal(["up", "draining"], await StatesAsync(node));
        Assert.Equal(HttpStatusCode.NoContent, (await node.SendAsync("DELETE", "/api/v1/nodes/b/drain", token: operate)).StatusCode);
        Assert.Equal(["up", "up"], await StatesAsync(node));
    }

    [Fact]
    public async Task A_node_that_is_not_there_or_not_reached_is_a_problem_document()
    {
        await using var node = await TestNode.StartAsync();
        var operate = node.Token(TokenScope.Operate);
        await (await node.SendAsync("GET", "/api/v1/nodes/nobody", token: operate)).AssertProblemAsync(404);
        await (await node.SendAsync("POST", "/api/v1/nodes/nobody/drain", token: operate)).AssertProblemAsync(404);

        node.Cluster.IsReachable = false;
        var refused = await node.SendAsync("POST", "/api/v1/nodes/b/drain", token: operate);
        await refused.AssertProblemAsync(503);
        Assert.Equal("2", refused.Header("Retry-After"));
    }

    [Theory]
    [InlineData(TokenScope.None, "*", 401)]
    [InlineData(TokenScope.Watch, "live", 403)]
    [InlineData(TokenScope.Operate, "other", 403)]
    [InlineData(TokenScope.Operate, "live", 200)]
    public async Task A_tree_is_for_operators_of_its_stream(TokenScope scope, string stream, int status)
    {
        await using var node = await TestNode.StartAsync();
        var token = scope == TokenScope.None ? null : node.Token(scope, stream);
        Assert.Equal(status, (int)(await node.SendAsync("GET", "/api/v1/streams/live/tree", token: token)).StatusCode);
    }

    [Fact]
    public async Task A_tree_shows_every_edge_with_its_reason()
    {
        await using var node = await TestNode.StartAsync();
        var tree = await JsonAsync(node, "/api/v1/streams/live/tree");
        Assert.Equal("a", tree.GetProperty("root").GetString());
        Assert.Equal((3, 7), (tree.GetProperty("epoch").GetInt64(), tree.GetProperty("version").GetInt64()));
        var edge = tree.GetProperty("nodes")[1];
        Assert.Equal("a", edge.GetProperty("parent").GetString());
        Assert.Equal(JsonValueKind.Null, edge.GetProperty("standby").ValueKind);
        Assert.Equal(1, edge.GetProperty("depth").GetInt32());
        Assert.Equal("nearest", edge.GetProperty("reason").GetString());
        Assert.Equal("no other node", edge.GetProperty("standbyReason").GetString());
    }

    [Fact]
    public async Task A_tree_that_is_not_there_or_not_known_is_a_problem_document()
    {
        await using var node = await TestNode.StartAsync();
        var operate = node.Token(TokenScope.Operate);
        await (await node.SendAsync("GET", "/api/v1/streams/nobody/tree", token: operate)).AssertProblemAsync(404);
        await (await node.SendAsync("GET", "/api/v1/streams/a.b/tree", token: operate)).AssertProblemAsync(400);
        node.Cluster.IsReachable = false;
        var unknown = await node.SendAsync("GET", "/api/v1/streams/live/tree", token: operate);
        await unknown.AssertProblemAsync(503);
        Assert.Equal("2", unknown.Header("Retry-After"));
    }

    [Fact]
    public async Task An_autoscaler_learns_how_many_nodes_a_region_should_have()
    {
        await using var node = await TestNode.StartAsync();
        var region = (await JsonAsync(node, "/api/v1/scale"))[0];
        Assert.Equal("eu", region.GetProperty("region").GetString());
        Assert.Equal((2, 3), (region.GetProperty("nodes").GetInt32(), region.GetProperty("wanted").GetInt32()));
        Assert.NotEmpty(region.GetProperty("reason").GetString()!);
    }

    private static async Task<string[]> StatesAsync(TestNode node) =>
        [.. (await JsonAsync(node, "/api/v1/nodes")).EnumerateArray().Select(each => each.GetProperty("state").GetString()!)];

    private static async Task<JsonElement> JsonAsync(TestNode node, string path)
    {
        var response = await node.SendAsync("GET", path, token: node.Token(TokenScope.Operate));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("no-store", response.Header("Cache-Control"));
        using var document = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        return document.RootElement.Clone();
    }
}
