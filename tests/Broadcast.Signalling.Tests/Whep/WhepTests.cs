using System.Net;
using Broadcast.Media.Sessions;
using Broadcast.Signalling.Tests.Fakes;

namespace Broadcast.Signalling.Tests.Whep;

public class WhepTests
{
    [Fact]
    public async Task Post_answers_201_and_advertises_its_extensions()
    {
        await using var node = await TestNode.StartAsync();
        var response = await node.WatchAsync();

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Equal("application/sdp", response.Header("Content-Type"));
        Assert.Equal("/whep/live/session1", response.Header("Location"));
        Assert.Equal("\"ufrag1\"", response.Header("ETag"));
        Assert.Equal(
            "</whep/live/session1/events>; rel=\"urn:ietf:params:whep:ext:core:server-sent-events\"; events=\"active,inactive,layers,reconnect,viewercount\""
            + " | </whep/live/session1/layer>; rel=\"urn:ietf:params:whep:ext:core:layer\""
            + " | </api/v1/sessions/session1>; rel=\"urn:broadcast:whep:ext:session\"",
            response.Header("Link"));
        Assert.Equal(FakeMediaPlane.Answer, await response.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData(SessionRefusal.MalformedOffer, 400, "")]
    [InlineData(SessionRefusal.NoCommonCodec, 406, "")]
    [InlineData(SessionRefusal.NotLive, 409, "2")]
    [InlineData(SessionRefusal.UnusableOffer, 422, "")]
    [InlineData(SessionRefusal.AtCapacity, 503, "5")]
    public async Task A_refused_offer_answers_its_status_and_the_sentence(SessionRefusal reason, int status, string retryAfter)
    {
        await using var node = await TestNode.StartAsync();
        node.Media.Refusal = new SessionResult.Refused(reason, "Try another player.");
        var response = await node.WatchAsync();
        Assert.Equal("Try another player.", await response.AssertProblemAsync(status));
        Assert.Equal(retryAfter, response.Header("Retry-After"));
    }

    [Fact]
    public async Task Head_of_the_endpoint_says_what_may_be_sent()
    {
        await using var node = await TestNode.StartAsync();
        var response = await node.SendAsync("HEAD", "/whep/live");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("application/sdp", response.Header("Content-Type"));
    }

    [Fact]
    public async Task Get_of_the_endpoint_succeeds_without_content()
    {
        await using var node = await TestNode.StartAsync();
        Assert.Equal(HttpStatusCode.NoContent, (await node.SendAsync("GET", "/whep/live")).StatusCode);
    }

    [Fact]
    public async Task A_session_of_whip_does_not_answer_under_whep()
    {
        await using var node = await TestNode.StartAsync();
        await node.PublishAsync();
        await (await node.SendAsync("DELETE", "/whep/live/session1")).AssertProblemAsync(404);
        Assert.Empty(node.Media.Closed);
    }
}
