using System.Globalization;
using System.Net;
using Broadcast.Media.Sessions;
using Broadcast.Signalling.Auth;
using Broadcast.Signalling.Limits;
using Broadcast.Signalling.Sessions;
using Broadcast.Signalling.Tests.Auth;
using Broadcast.Signalling.Tests.Fakes;
using Microsoft.Extensions.DependencyInjection;

namespace Broadcast.Signalling.Tests.Limits;

public class SessionLimitTests
{
    [Fact]
    public async Task An_address_with_too_many_sessions_gets_429_and_another_address_does_not()
    {
        await using var node = await TestNode.StartAsync(("Limits:SessionsPerAddress", "2"));
        var first = await WatchAsync(node, "192.0.2.1");
        Assert.Equal(HttpStatusCode.Created, (await WatchAsync(node, "192.0.2.1")).StatusCode);
        var refused = await WatchAsync(node, "192.0.2.1");
        await AssertRefusedAsync(refused, 429, "too-many-sessions");
        Assert.Equal(HttpStatusCode.Created, (await WatchAsync(node, "192.0.2.2")).StatusCode);

        await node.SendAsync("DELETE", first.Header("Location"));
        Assert.Equal(HttpStatusCode.Created, (await WatchAsync(node, "192.0.2.1")).StatusCode);
    }

    [Fact]
    public async Task One_subject_has_so_many_sessions_whatever_its_addresses_and_tokens()
    {
        await using var node = await TestNode.StartAsync(("Limits:SessionsPerSubject", "1"), ("Auth:Secret", Tokens.Secret));
        Assert.Equal(HttpStatusCode.Created, (await WatchAsync(node, "192.0.2.1", Tokens.Sign(node.Time, "customer-7"))).StatusCode);
        await AssertRefusedAsync(await WatchAsync(node, "192.0.2.2", Tokens.Sign(node.Time, "customer-7")), 429, "too-many-sessions");
        Assert.Equal(HttpStatusCode.Created, (await WatchAsync(node, "192.0.2.2", Tokens.Sign(node.Time, "customer-8"))).StatusCode);
        Assert.Equal(HttpStatusCode.Created, (await WatchAsync(node, "192.0.2.2")).StatusCode);
    }

    [Fact]
    public async Task More_streams_than_a_node_may_have_are_refused_and_a_takeover_is_not()
    {
        await using var node = await TestNode.StartAsync(("Limits:Streams", "1"));
        Assert.Equal(HttpStatusCode.Created, (await node.PublishAsync("one")).StatusCode);
        await AssertRefusedAsync(await node.PublishAsync("two"), 503, "at-capacity");
        Assert.Equal(HttpStatusCode.Created, (await node.PublishAsync("one")).StatusCode);
        Assert.Equal(HttpStatusCode.Created, (await node.WatchAsync("one")).StatusCode);
    }

    [Theory]
    [InlineData("Limits:Viewers", false)]
    [InlineData("Limits:ViewersPerStream", true)]
    public async Task More_viewers_than_may_be_are_refused(string key, bool perStream)
    {
        await using var node = await TestNode.StartAsync((key, "2"));
        Assert.Equal(HttpStatusCode.Created, (await node.WatchAsync("one")).StatusCode);
        Assert.Equal(HttpStatusCode.Created, (await node.WatchAsync("one")).StatusCode);
        await AssertRefusedAsync(await node.WatchAsync("one"), 503, "at-capacity");
        Assert.Equal(perStream ? HttpStatusCode.Created : HttpStatusCode.ServiceUnavailable, (await node.WatchAsync("two")).StatusCode);
        Assert.Equal(HttpStatusCode.Created, (await node.PublishAsync("one")).StatusCode);
    }

    [Fact]
    public async Task What_comes_to_nothing_takes_no_place()
    {
        await using var node = await TestNode.StartAsync(("Limits:Viewers", "1"));
        node.Media.Refusal = new SessionResult.Refused(SessionRefusal.NotLive, "Nobody is there.");
        for (var count = 0; count < 3; count++) Assert.Equal(HttpStatusCode.Conflict, (await node.WatchAsync()).StatusCode);
        node.Media.Refusal = null;
        node.Media.EndsAtOnce = true;
        for (var count = 0; count < 3; count++) Assert.Equal(HttpStatusCode.Created, (await node.WatchAsync()).StatusCode);
    }

    [Fact]
    public async Task Requests_at_the_same_moment_do_not_pass_a_limit_together()
    {
        await using var node = await TestNode.StartAsync(("Limits:Viewers", "5"));
        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => node.WatchAsync()));
        Assert.Equal(5, answers.Count(answer => answer.StatusCode == HttpStatusCode.Created));
    }

    [Fact]
    public async Task Whom_a_limit_sends_away_another_node_with_room_takes_once()
    {
        await using var node = await TestNode.StartAsync(services => services.AddSingleton<IStreamPlacement>(new RoomElsewhere()), [("Limits:Viewers", "1")]);
        Assert.Equal(HttpStatusCode.Created, (await node.WatchAsync()).StatusCode);
        var sent = await node.SendAsync("POST", "/whep/live?maxWidth=320", TestNode.Offer, "application/sdp");
        Assert.Equal(HttpStatusCode.TemporaryRedirect, sent.StatusCode);
        Assert.Equal("https://b.example.net/whep/live?maxWidth=320&redirected=1", sent.Header("Location"));
        await AssertRefusedAsync(await node.SendAsync("POST", "/whep/live?redirected=1", TestNode.Offer, "application/sdp"), 503, "at-capacity");
    }

    [Fact]
    public async Task Refusals_are_counted_by_limit()
    {
        await using var node = await TestNode.StartAsync(("Limits:Viewers", "1"));
        using var counted = new CountedRefusals(node.Services.GetRequiredService<LimitMeters>());
        for (var count = 0; count < 3; count++) await node.WatchAsync();
        Assert.Equal(["viewers/viewer", "viewers/viewer"], counted.Refused);
    }

    private static Task<HttpResponseMessage> WatchAsync(TestNode node, string address, string? token = null) =>
        node.SendAsync("POST", "/whep/live", TestNode.Offer, "application/sdp", token, headers: (TestNode.AddressHeader, address));

    private static async Task AssertRefusedAsync(HttpResponseMessage response, int status, string type)
    {
        await response.AssertProblemAsync(status);
        Assert.Contains($"urn:broadcast:problem:{type}\"", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.InRange(int.Parse(response.Header("Retry-After"), CultureInfo.InvariantCulture), 1, 60);
    }

    internal sealed class RoomElsewhere : IStreamPlacement
    {
        public ValueTask<StreamPlacement> PlaceAsync(SessionKind kind, string streamId, bool redirected, CancellationToken cancellation) => new(StreamPlacement.Here);

        public ValueTask<Uri?> FindRoomAsync(SessionKind kind, CancellationToken cancellation) => new(new Uri("https://b.example.net"));
    }
}
