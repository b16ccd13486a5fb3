using System.Net;
using Broadcast.Signalling.Limits;
using Broadcast.Signalling.Sessions;
using Broadcast.Signalling.Tests.Fakes;
using Microsoft.Extensions.DependencyInjection;

namespace Broadcast.Signalling.Tests.Limits;

public class BusyGateTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);

    private readonly Load _load = new();

    [Fact]
    public async Task A_busy_node_takes_no_viewers_but_publishers_and_ends_no_session()
    {
        await using var node = await StartAsync();
        Assert.Equal(HttpStatusCode.Created, (await node.WatchAsync()).StatusCode);
        Be(node, 0.9);
        await (await node.WatchAsync()).AssertProblemAsync(503);
        Assert.Equal(HttpStatusCode.Created, (await node.PublishAsync()).StatusCode);
        Assert.Empty(node.Media.Closed);
    }

    [Fact]
    public async Task A_node_that_can_do_no_more_takes_publishers_of_streams_that_it_has_only()
    {
        await using var node = await StartAsync();
        await node.PublishAsync("old");
        Be(node, 1);
        var refused = await node.PublishAsync("new");
        await refused.AssertProblemAsync(503);
        Assert.NotEmpty(refused.Header("Retry-After"));
        Assert.Equal(HttpStatusCode.Created, (await node.PublishAsync("old")).StatusCode);
    }

    [Fact]
    public async Task Viewers_are_taken_again_when_the_load_is_well_below()
    {
        await using var node = await StartAsync();
        Be(node, 0.9);
        Be(node, 0.8);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await node.WatchAsync()).StatusCode);
        Be(node, 0.7);
        Assert.Equal(HttpStatusCode.Created, (await node.WatchAsync()).StatusCode);
        Be(node, 0.8);
        Assert.Equal(HttpStatusCode.Created, (await node.WatchAsync()).StatusCode);
    }

    [Fact]
    public async Task A_busy_second_changes_nothing()
    {
        await using var node = await StartAsync();
        Be(node, 0.3);
        _load.Busy = 1;
        node.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(HttpStatusCode.Created, (await node.WatchAsync()).StatusCode);
    }

    [Fact]
    public async Task A_busy_node_sends_viewers_to_one_that_has_room_and_none_that_was_sent_here()
    {
        await using var node = await StartAsync(services => services.AddSingleton<IStreamPlacement>(new SessionLimitTests.RoomElsewhere()));
        Be(node, 0.9);
        var sent = await node.WatchAsync();
        Assert.Equal((HttpStatusCode.TemporaryRedirect, "https://b.example.net/whep/live?redirected=1"), (sent.StatusCode, sent.Header("Location")));
        await (await node.SendAsync("POST", "/whep/live?redirected=1", TestNode.Offer, "application/sdp")).AssertProblemAsync(503);
    }

    [Fact]
    public async Task Without_a_share_no_load_is_too_much()
    {
        await using var node = await StartAsync(_ => { }, ("Limits:BusyAbove", "0"));
        Be(node, 1);
        Assert.Equal(HttpStatusCode.Created, (await node.WatchAsync()).StatusCode);
    }

    private Task<TestNode> StartAsync(Action<IServiceCollection>? configure = null, params (string Key, string Value)[] settings) =>
        TestNode.StartAsync(
            services =>
            {
                services.AddSingleton<INodeLoad>(_load);
                configure?.Invoke(services);
            },
            settings);

    // Long enough for the average to be there.
    private void Be(TestNode node, double busy)
    {
        _load.Busy = busy;
        node.Time.Advance(Long);
    }

    private sealed class Load : INodeLoad
    {
        public double Busy { get; set; }
    }
}
