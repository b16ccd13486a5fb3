using System.Net;
using Broadcast.Signalling.Auth;
using Broadcast.Signalling.Tests.Fakes;

namespace Broadcast.Signalling.Tests.Sessions;

public class SessionUrlTests
{
    private const string Trickle =
        "a=ice-ufrag:peer1\r\na=ice-pwd:peerpassword0123456789ab\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:a\r\n" +
        "a=candidate:1 1 udp 2122260223 192.0.2.1 61764 typ host generation 0 ufrag peer1 network-id 1\r\na=end-of-candidates\r\n";

    private const string Restart =
        "a=ice-ufrag:peer2\r\na=ice-pwd:peerpassword0123456789cd\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:a\r\na=end-of-candidates\r\n";

    private const string Fragment = "application/trickle-ice-sdpfrag";

    public static TheoryData<string> Protocols => new("whip", "whep");

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Trickled_candidates_answer_204_without_a_tag(string protocol)
    {
        await using var node = await TestNode.StartAsync();
        var response = await PatchAsync(node, await OpenAsync(node, protocol), Trickle, "\"ufrag1\"");
        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        Assert.Equal("", response.Header("ETag"));
        Assert.Null(node.Media.LastRestart);
    }

    [Theory]
    [InlineData("whip", "*")]
    [InlineData("whip", "\"*\"")]
    [InlineData("whip", "\"ufrag1\"")]
    [InlineData("whip", "\"other\", \"ufrag1\"")]
    [InlineData("whep", "*")]
    public async Task An_ice_restart_answers_200_with_a_fragment_and_a_new_tag(string protocol, string ifMatch)
    {
        await using var node = await TestNode.StartAsync();
        var session = await OpenAsync(node, protocol);
        var response = await PatchAsync(node, session, Restart, ifMatch);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(Fragment, response.Header("Content-Type"));
        Assert.Equal("\"local2\"", response.Header("ETag"));
        Assert.Equal(("session1", "peer2", "peerpassword0123456789cd"), node.Media.LastRestart);
        Assert.Equal(
            "a=ice-lite\r\na=ice-options:ice2 trickle\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:a\r\na=ice-ufrag:local2\r\na=ice-pwd:newlocalpassword0123456789\r\n" +
            "a=candidate:1 1 udp 2130706431 127.0.0.1 8181 typ host\r\na=end-of-candidates\r\n",
            await response.Content.ReadAsStringAsync());

        // The old tag is stale now, the new one is not.
        await (await PatchAsync(node, session, Trickle, "\"ufrag1\"")).AssertProblemAsync(412);
        var trickle = Trickle.Replace("peer1", "peer2", StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NoContent, (await PatchAsync(node, session, trickle, "\"local2\"")).StatusCode);
    }

    [Fact]
    public async Task A_publisher_that_was_replaced_reads_410()
    {
        await using var node = await TestNode.StartAsync();
        var first = await OpenAsync(node, "whip");
        node.Media.Close("session1");
        await (await GetAsync(node, first)).AssertProblemAsync(404);
        await OpenAsync(node, "whip");
        await (await GetAsync(node, first)).AssertProblemAsync(410);
        await (await PatchAsync(node, first, Restart, "*")).AssertProblemAsync(410);
    }

    [Fact]
    public async Task A_viewer_whose_session_is_over_reads_404_whoever_publishes()
    {
        await using var node = await TestNode.StartAsync();
        var session = await OpenAsync(node, "whep");
        node.Media.Close("session1");
        await OpenAsync(node, "whip");
        await (await GetAsync(node, session)).AssertProblemAsync(404);
    }

    [Fact]
    public async Task The_same_restart_twice_happens_once()
    {
        await using var node = await TestNode.StartAsync();
        var session = await OpenAsync(node, "whip");
        await PatchAsync(node, session, Restart, "*");
        Assert.Equal(HttpStatusCode.NoContent, (await PatchAsync(node, session, Restart, "*")).StatusCode);
    }

    [Fact]
    public async Task A_patch_without_if_match_answers_428()
    {
        await using var node = await TestNode.StartAsync();
        await (await PatchAsync(node, await OpenAsync(node, "whip"), Trickle, null)).AssertProblemAsync(428);
    }

    [Theory]
    [InlineData("\"stale\"")]
    [InlineData("W/\"ufrag1\"")]
    [InlineData("ufrag1")]
    [InlineData("\"ufrag1")]
    public async Task A_patch_with_another_tag_answers_412(string ifMatch)
    {
        await using var node = await TestNode.StartAsync();
        await (await PatchAsync(node, await OpenAsync(node, "whip"), Restart, ifMatch)).AssertProblemAsync(412);
        Assert.Null(node.Media.LastRestart);
    }

    [Theory]
    [InlineData("application/sdp")]
    [InlineData("application/json")]
    public async Task A_patch_of_another_type_answers_415_and_says_which_is_right(string type)
    {
        await using var node = await TestNode.StartAsync();
        var session = await OpenAsync(node, "whip");
        var response = await node.SendAsync("PATCH", session, Trickle, type, node.Token(TokenScope.Publish), "*");
        await response.AssertProblemAsync(415);
        Assert.Equal(Fragment, response.Header("Accept-Patch"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("hello")]
    [InlineData("m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:a\r\n")]
    [InlineData("a=ice-ufrag:p\r\n")]
    [InlineData("a=ice-ufrag:peer2\r\na=ice-pwd:short\r\n")]
    [InlineData("a=candidate:1 1 udp nonsense 192.0.2.1 61764 typ host\r\n")]
    [InlineData("a=candidate:1 1 udp 2122260223 192.0.2.1 99999 typ host\r\n")]
    [InlineData("a=ice-ufrag:peer2\r\na=ice-ufrag:peer3\r\n")]
    [InlineData("a=ice-ufrag:peer2\r\na=end-of-candidates\r\n")]
    public async Task A_malformed_fragment_answers_400(string fragment)
    {
        await using var node = await TestNode.StartAsync();
        await (await PatchAsync(node, await OpenAsync(node, "whip"), fragment, "*")).AssertProblemAsync(400);
        Assert.Null(node.Media.LastRestart);
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Delete_answers_200_and_again_for_a_minute(string protocol)
    {
        await using var node = await TestNode.StartAsync();
        var session = await OpenAsync(node, protocol);
        var token = node.Token(TokenScope.Publish);

        var response = await node.SendAsync("DELETE", session, token: token, ifMatch: "\"whatever\"");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(["session1"], node.Media.Closed);
        await (await PatchAsync(node, session, Trickle, "*")).AssertProblemAsync(404);

        node.Time.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal(HttpStatusCode.OK, (await node.SendAsync("DELETE", session, token: token)).StatusCode);
        node.Time.Advance(TimeSpan.FromSeconds(30));
        await (await node.SendAsync("DELETE", session, token: token)).AssertProblemAsync(404);
        Assert.Equal(["session1"], node.Media.Closed);
    }

    [Fact]
    public async Task A_session_the_media_plane_ended_is_gone_but_may_be_deleted()
    {
        await using var node = await TestNode.StartAsync();
        var session = await OpenAsync(node, "whep");
        node.Media.Close("session1");
        await (await node.SendAsync("GET", session)).AssertProblemAsync(404);
        Assert.Equal(HttpStatusCode.OK, (await node.SendAsync("DELETE", session)).StatusCode);
    }

    [Fact]
    public async Task A_session_that_ends_before_the_answer_is_written_leaves_nothing_behind()
    {
        await using var node = await TestNode.StartAsync();
        node.Media.EndsAtOnce = true;
        var session = await OpenAsync(node, "whep");
        await (await node.SendAsync("GET", session)).AssertProblemAsync(404);
    }

    [Fact]
    public async Task Get_answers_204_with_the_present_tag()
    {
        await using var node = await TestNode.StartAsync();
        var response = await node.SendAsync("GET", await OpenAsync(node, "whep"));
        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        Assert.Equal("\"ufrag1\"", response.Header("ETag"));
    }

    [Fact]
    public async Task A_session_answers_only_under_its_own_stream()
    {
        await using var node = await TestNode.StartAsync();
        await OpenAsync(node, "whip");
        await (await node.SendAsync("DELETE", "/whip/other/session1", token: node.Token(TokenScope.Publish))).AssertProblemAsync(404);
        Assert.Empty(node.Media.Closed);
    }

    [Theory]
    [InlineData("DELETE")]
    [InlineData("PATCH")]
    [InlineData("GET")]
    public async Task Every_request_to_a_publisher_session_needs_the_token(string method)
    {
        await using var node = await TestNode.StartAsync();
        await OpenAsync(node, "whip");
        await (await node.SendAsync(method, "/whip/live/session1")).AssertProblemAsync(401);
        await (await node.SendAsync(method, "/whip/live/session1", token: node.Token(TokenScope.Publish, "other"))).AssertProblemAsync(403);
        Assert.Empty(node.Media.Closed);
    }

    private static async Task<string> OpenAsync(TestNode node, string protocol) =>
        (protocol == "whip" ? await node.PublishAsync() : await node.WatchAsync()).Header("Location");

    private static Task<HttpResponseMessage> GetAsync(TestNode node, string session) =>
        node.SendAsync("GET", session, token: node.Token(TokenScope.Publish));

    private static Task<HttpResponseMessage> PatchAsync(TestNode node, string session, string fragment, string? ifMatch) =>
        node.SendAsync("PATCH", session, fragment, Fragment, node.Token(TokenScope.Publish), ifMatch);
}
