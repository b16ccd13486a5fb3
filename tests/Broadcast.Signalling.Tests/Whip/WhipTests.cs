using System.Net;
using Broadcast.Media.Sessions;
using Broadcast.Signalling.Auth;
using Broadcast.Signalling.Sessions;
using Broadcast.Signalling.Tests.Fakes;
using Microsoft.Extensions.DependencyInjection;

namespace Broadcast.Signalling.Tests.Whip;

public class WhipTests
{
    [Fact]
    public async Task Post_answers_201_with_the_answer_and_the_session_url()
    {
        await using var node = await TestNode.StartAsync();
        var response = await node.PublishAsync();

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Equal("application/sdp", response.Header("Content-Type"));
        Assert.Equal("/whip/live/session1", response.Header("Location"));
        Assert.Equal("\"ufrag1\"", response.Header("ETag"));
        Assert.Equal("application/trickle-ice-sdpfrag", response.Header("Accept-Patch"));
        Assert.Equal("", response.Header("Link"));
        Assert.Equal(FakeMediaPlane.Answer, await response.Content.ReadAsStringAsync());
        Assert.Equal(TestNode.Offer, node.Media.LastOffer);
    }

    [Theory]
    [InlineData("application/sdp; charset=utf-8")]
    [InlineData("Application/SDP")]
    public async Task Post_takes_the_media_type_with_parameters_and_in_any_case(string type)
    {
        await using var node = await TestNode.StartAsync();
        var response = await node.SendAsync("POST", "/whip/live", TestNode.Offer, type, node.Token(TokenScope.Publish));
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("application/sdpx")]
    [InlineData("text/plain")]
    [InlineData(null)]
    public async Task Post_of_another_type_answers_415_and_says_which_is_right(string? type)
    {
        await using var node = await TestNode.StartAsync();
        var response = await node.SendAsync("POST", "/whip/live", TestNode.Offer, type, node.Token(TokenScope.Publish));
        await response.AssertProblemAsync(415);
        Assert.Equal("application/sdp", response.Header("Accept-Post"));
        Assert.Null(node.Media.LastOffer);
    }

    [Fact]
    public async Task Post_with_an_empty_body_answers_400()
    {
        await using var node = await TestNode.StartAsync();
        var response = await node.SendAsync("POST", "/whip/live", "", "application/sdp", node.Token(TokenScope.Publish));
        await response.AssertProblemAsync(400);
    }

    [Theory]
    [InlineData("a.b")]
    [InlineData("a%20b")]
    [InlineData("%C3%A9")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public async Task Post_to_a_name_that_is_none_answers_400(string name)
    {
        await using var node = await TestNode.StartAsync();
        await (await node.PublishAsync(name)).AssertProblemAsync(400);
    }

    [Theory]
    [InlineData(SessionRefusal.MalformedOffer, 400, "")]
    [InlineData(SessionRefusal.UnusableOffer, 422, "")]
    [InlineData(SessionRefusal.AtCapacity, 503, "5")]
    public async Task A_refused_offer_answers_its_status_and_the_sentence(SessionRefusal reason, int status, string retryAfter)
    {
        await using var node = await TestNode.StartAsync();
        node.Media.Refusal = new SessionResult.Refused(reason, "Offer a video codec.");
        var response = await node.PublishAsync();
        Assert.Equal("Offer a video codec.", await response.AssertProblemAsync(status));
        Assert.Equal(retryAfter, response.Header("Retry-After"));
    }

    [Fact]
    public async Task Retry_after_is_rounded_up_to_whole_seconds()
    {
        await using var node = await TestNode.StartAsync();
        node.Media.Refusal = new SessionResult.Refused(SessionRefusal.AtCapacity, "Full.", TimeSpan.FromMilliseconds(1200));
        Assert.Equal("2", (await node.PublishAsync()).Header("Retry-After"));
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("HEAD")]
    public async Task Get_of_the_endpoint_succeeds_without_content(string method)
    {
        await using var node = await TestNode.StartAsync();
        var response = await node.SendAsync(method, "/whip/live", token: node.Token(TokenScope.Publish));
        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Put_answers_405_with_the_methods_there_are()
    {
        await using var node = await TestNode.StartAsync();
        var response = await node.SendAsync("PUT", "/whip/live", TestNode.Offer, "application/sdp", node.Token(TokenScope.Publish));
        await response.AssertProblemAsync(405);
        Assert.Contains("POST", response.Header("Allow"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Publishing_again_is_no_conflict()
    {
        await using var node = await TestNode.StartAsync();
        await node.PublishAsync();
        Assert.Equal(HttpStatusCode.Created, (await node.PublishAsync()).StatusCode);
    }

    [Fact]
    public async Task Another_node_is_named_by_307()
    {
        await using var node = await TestNode.StartAsync((IServiceCollection services) => services.AddSingleton<IStreamPlacement>(new AlwaysElsewhere()));
        var response = await node.PublishAsync();
        Assert.Equal(HttpStatusCode.TemporaryRedirect, response.StatusCode);
        Assert.Equal("https://b.example.net/whip/live?redirected=1", response.Header("Location"));
        Assert.Null(node.Media.LastOffer);
    }

    private sealed class AlwaysElsewhere : IStreamPlacement
    {
        public ValueTask<StreamPlacement> PlaceAsync(SessionKind kind, string streamId, bool redirected, CancellationToken cancellation) =>
            new(new StreamPlacement.Elsewhere(new Uri("https://b.example.net")));
    }
}
