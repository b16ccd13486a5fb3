using System.Net;
using Broadcast.Signalling.Auth;
using Broadcast.Signalling.Cluster;
using Broadcast.Signalling.Operate;
using Broadcast.Signalling.Operate.Figures;
using Broadcast.Signalling.Operate.Picture;
using Broadcast.Signalling.Tests.Fakes;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.DependencyInjection;

namespace Broadcast.Signalling.Tests.Operate;

public class OperateHubTests
{
    [Theory]
    [InlineData(TokenScope.None, "*", 401)]
    [InlineData(TokenScope.Watch, "*", 403)]
    [InlineData(TokenScope.Publish, "*", 403)]
    [InlineData(TokenScope.Operate, "live", 403)]
    public async Task Only_operators_of_everything_may_look(TokenScope scope, string stream, int status)
    {
        await using var node = await StartAsync(new SimulatedCluster(3, 3, 10));
        var token = scope == TokenScope.None ? null : node.Token(scope, stream);
        await (await node.SendAsync("GET", "/api/v1/operate", token: token)).AssertProblemAsync(status);
        await (await node.SendAsync("GET", $"/api/v1/operate?access_token={token}")).AssertProblemAsync(status);
        await Assert.ThrowsAnyAsync<Exception>(() => ConnectAsync(node, token));
    }

    [Fact]
    public async Task A_token_that_is_over_or_forged_opens_nothing()
    {
        await using var node = await StartAsync(new SimulatedCluster(3, 3, 10));
        var token = node.Token(TokenScope.Operate, lifetime: TimeSpan.FromMinutes(1));
        node.Time.Advance(TimeSpan.FromMinutes(2));
        await (await node.SendAsync("GET", $"/api/v1/operate?access_token={token}")).AssertProblemAsync(401);
        await (await node.SendAsync("GET", "/api/v1/operate?access_token=forged")).AssertProblemAsync(401);
    }

    [Fact]
    public async Task A_page_gets_everything_first_and_then_what_has_changed()
    {
        var cluster = new SimulatedCluster(20, 40, 300);
        await using var node = await StartAsync(cluster);
        await using var connection = await ConnectAsync(node, node.Token(TokenScope.Operate));
        await using var updates = connection.StreamAsync<Update>("Look").GetAsyncEnumerator();
        var page = new PageState();
        Assert.True(await updates.MoveNextAsync());
        page.Apply(updates.Current);
        Assert.Equal((20, 40), (page[ClusterTable.Nodes].Count, page[ClusterTable.Streams].Count));
        Assert.Equal(20, page[ClusterTable.Totals]["all"][0].Number);

        cluster.Kill("node-007");
        await NextAsync(node, updates, page, () => page[ClusterTable.Nodes].Count == 19);
        Assert.Contains(page[ClusterTable.Events].Values, row => row[3].Text == "node-007");
    }

    [Fact]
    public async Task A_node_that_hangs_is_shown_as_such_and_delays_nobody()
    {
        var cluster = new SimulatedCluster(5, 10, 50) { Hanging = "node-003" };
        await using var node = await StartAsync(cluster);
        await using var connection = await ConnectAsync(node, node.Token(TokenScope.Operate));
        await using var updates = connection.StreamAsync<Update>("Look").GetAsyncEnumerator();
        var first = updates.MoveNextAsync();
        var page = new PageState();
        await NextAsync(node, updates, page, () => page.Number > 2, first);
        Assert.Equal((0d, 1d), (page[ClusterTable.Nodes]["node-003"][3].Number, page[ClusterTable.Nodes]["node-002"][3].Number));
    }

    [Fact]
    public async Task Nothing_is_asked_while_nobody_looks()
    {
        var cluster = new SimulatedCluster(5, 10, 50);
        await using var node = await StartAsync(cluster);
        var feed = node.Services.GetRequiredService<OperateFeed>();
        node.Time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal((0, 0), (cluster.Asked, feed.Made));
        await using (var connection = await ConnectAsync(node, node.Token(TokenScope.Operate)))
        {
            await foreach (var _ in connection.StreamAsync<Update>("Look"))
                break;
        }

        await UntilAsync(() => feed.Lookers == 0);
        var asked = cluster.Asked;
        Assert.True(asked >= 5);
        node.Time.Advance(TimeSpan.FromSeconds(10));
        await Task.Yield();
        Assert.Equal((asked, 1), (cluster.Asked, feed.Made));
    }

    [Fact]
    public async Task The_connection_ends_with_the_token()
    {
        await using var node = await StartAsync(new SimulatedCluster(3, 3, 10));
        await using var connection = await ConnectAsync(node, node.Token(TokenScope.Operate, lifetime: TimeSpan.FromMinutes(5)));
        var closed = new TaskCompletionSource();
        connection.Closed += _ =>
        {
            closed.TrySetResult();
            return Task.CompletedTask;
        };
        await using var updates = connection.StreamAsync<Update>("Look").GetAsyncEnumerator();
        Assert.True(await updates.MoveNextAsync());
        node.Time.Advance(TimeSpan.FromMinutes(6));
        await closed.Task.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Sessions_come_in_pages_over_all_nodes_without_gap_or_repetition()
    {
        var cluster = new SimulatedCluster(4, 1, 500);
        await using var node = await StartAsync(cluster);
        await using var connection = await ConnectAsync(node, node.Token(TokenScope.Operate));
        await using var updates = connection.StreamAsync<Update>("Look").GetAsyncEnumerator();
        Assert.True(await updates.MoveNextAsync());
        var found = new List<string>();
        var total = int.MaxValue;
        while (found.Count < total)
        {
            var page = await connection.InvokeAsync<SessionPage>("Sessions", "stream-0000", found.Count, 150);
            total = page.Total;
            Assert.NotEmpty(page.Sessions);
            found.AddRange(page.Sessions.Select(session => session.SessionId));
        }

        Assert.True(total > 300);
        Assert.Equal(total, found.Distinct().Count());
        await Assert.ThrowsAsync<HubException>(() => connection.InvokeAsync<SessionPage>("Sessions", "no.name", 0, 10));
    }

    [Fact]
    public async Task A_stream_is_followed_with_every_place_and_edge()
    {
        var cluster = new SimulatedCluster(12, 1, 500, seed: 3);
        await using var node = await StartAsync(cluster);
        await using var connection = await ConnectAsync(node, node.Token(TokenScope.Operate));
        await using var updates = connection.StreamAsync<Update>("Follow", "stream-0000").GetAsyncEnumerator();
        Assert.True(await updates.MoveNextAsync());
        var places = Assert.Single(updates.Current.Tables).Rows;
        Assert.True(places.Count > 2);
        Assert.Single(places, place => place.Cells[0].Number == 1);
        Assert.All(places, place => Assert.True(place.Cells[0].Number == 1 || places.Any(other => other.Id == place.Cells[1].Text)));
        Assert.NotEmpty((await connection.InvokeAsync<PastFigures>("Past", "node-000", PastSubject.Node)).Series);
    }

    private static async Task<TestNode> StartAsync(SimulatedCluster cluster) => await TestNode.StartAsync((IServiceCollection services) =>
        services.AddSingleton<IClusterOperations>(cluster).AddSingleton<IClusterFigures>(cluster));

    private static async Task<HubConnection> ConnectAsync(TestNode node, string? token)
    {
        var connection = new HubConnectionBuilder()
            .WithUrl(new Uri(node.Client.BaseAddress!, "/api/v1/operate"), options =>
            {
                options.SkipNegotiation = true;
                options.Transports = Microsoft.AspNetCore.Http.Connections.HttpTransportType.WebSockets;
                options.WebSocketFactory = async (context, cancellation) =>
                    await node.WebSockets.ConnectAsync(new Uri($"{context.Uri}?access_token={WebUtility.UrlEncode(token)}"), cancellation);
            })
            .AddMessagePackProtocol(options => options.SerializerOptions = OperateEndpoint.Serializer)
            .Build();
        await connection.StartAsync();
        return connection;
    }

    /// <summary>Lets time pass until the page shows what is wanted.</summary>
    private static async Task NextAsync(TestNode node, IAsyncEnumerator<Update> updates, PageState page, Func<bool> wanted, ValueTask<bool>? begun = null)
    {
        var next = begun?.AsTask();
        for (var turn = 0; !wanted(); turn++)
        {
            Assert.True(turn < 100, "It never came.");
            next ??= updates.MoveNextAsync().AsTask();
            node.Time.Advance(OperateFeed.Period);
            if (await Task.WhenAny(next, Task.Delay(50)) != next)
                continue;
            Assert.True(await next);
            page.Apply(updates.Current);
            next = null;
        }

        if (next is not null)
        {
            node.Time.Advance(OperateFeed.Period);
            await next;
        }
    }

    private static async Task UntilAsync(Func<bool> holds)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        while (!holds())
            await Task.Delay(20, limit.Token);
    }
}
