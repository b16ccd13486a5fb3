using System.Net;
using System.Text.Json;
using Broadcast.Media.Sessions;
using Broadcast.Signalling.Api;
using Broadcast.Signalling.Auth;
using Broadcast.Signalling.Tests.Fakes;
using Broadcast.Signalling.Webhooks;
using Microsoft.Extensions.DependencyInjection;

namespace Broadcast.Signalling.Tests.Webhooks;

/// <summary>What targets are told, and what operators see of it.</summary>
public class WebhookNewsTests
{
    [Fact]
    public async Task A_stream_starts_falls_ill_recovers_and_stops()
    {
        var (node, target) = await StartAsync();
        await using var _ = node;
        var id = (await node.PublishAsync()).Headers.Location!.ToString().Split('/')[^1];
        var stream = FakeMediaPlane.Stream("live");
        node.Media.Raise(StreamEventKind.Active, stream);
        node.Media.Raise(StreamEventKind.Inactive, stream);
        node.Media.Raise(StreamEventKind.Active, stream);
        node.Media.Raise(StreamEventKind.Active, stream with { Epoch = 2 });
        node.Media.Close(id);
        node.Media.Raise(StreamEventKind.Inactive, stream with { Epoch = 2 });
        await UntilAsync(node, () => target.Requests.Count == 6);
        Assert.Equal(["stream.started", "stream.unhealthy", "stream.healthy", "stream.stopped", "stream.started", "stream.stopped"], target.Events);
        var ill = HookTarget.Json(target.Requests.ElementAt(1).Body).GetProperty("stream");
        Assert.Equal(("live", "silent"), (ill.GetProperty("streamId").GetString(), ill.GetProperty("reason").GetString()));
    }

    [Fact]
    public async Task A_stream_from_another_node_is_told_there()
    {
        var (node, target) = await StartAsync();
        await using var _ = node;
        node.Media.Raise(StreamEventKind.Active, FakeMediaPlane.Stream("live"));
        node.Media.Raise(StreamEventKind.Inactive, FakeMediaPlane.Stream("live"));
        node.Services.GetRequiredService<IWebhooks>().Raise("recording.ready", "{\"event\":\"recording.ready\"}"u8.ToArray());
        await UntilAsync(node, () => !target.Requests.IsEmpty);
        Assert.Equal(["recording.ready"], target.Events);
    }

    [Fact]
    public async Task Much_loss_is_unhealthy_after_two_looks()
    {
        var (node, target) = await StartAsync();
        await using var _ = node;
        var id = (await node.PublishAsync()).Headers.Location!.ToString().Split('/')[^1];
        node.Media.Raise(StreamEventKind.Active, FakeMediaPlane.Stream("live"));
        foreach (var (packets, lost) in new[] { (1_000, 200), (2_000, 400), (3_000, 400), (4_000, 400) })
        {
            node.Media.Change(node.Media.GetSession(id)! with { Packets = packets, Lost = lost });
            node.Time.Advance(TimeSpan.FromSeconds(5));
        }

        await UntilAsync(node, () => target.Requests.Count == 3);
        Assert.Equal(["stream.started", "stream.unhealthy", "stream.healthy"], target.Events);
    }

    [Fact]
    public async Task Viewers_are_told_many_at_once_and_come_before_they_go()
    {
        var (node, target) = await StartAsync(("Webhooks:Targets:0:Events:0", "viewer.*"), ("RateLimit:PerAddress", "0"));
        await using var _ = node;
        var ids = new List<string>();
        for (var number = 0; number < 600; number++) ids.Add((await node.WatchAsync()).Headers.Location!.ToString().Split('/')[^1]);
        node.Media.Close(ids[0]);
        await UntilAsync(node, () => target.Requests.Count >= 4);
        var batches = target.Requests.Select(request => HookTarget.Json(request.Body)).ToList();
        var joined = batches.Where(batch => batch.GetProperty("event").GetString() == "viewer.joined").SelectMany(batch => batch.GetProperty("viewers").EnumerateArray()).Select(Id).ToList();
        Assert.Equal(ids.Order(), joined.Order());
        Assert.All(batches, batch => Assert.InRange(batch.GetProperty("viewers").GetArrayLength(), 1, 500));
        var left = batches.FindIndex(batch => batch.GetProperty("event").GetString() == "viewer.left");
        Assert.Equal(ids[0], Id(batches[left].GetProperty("viewers")[0]));
        Assert.Contains(ids[0], batches.Take(left).SelectMany(batch => batch.GetProperty("viewers").EnumerateArray()).Select(Id));
        Assert.Equal("closed", batches[left].GetProperty("viewers")[0].GetProperty("endReason").GetString());

        static string Id(JsonElement viewer) => viewer.GetProperty("sessionId").GetString()!;
    }

    [Fact]
    public void The_lowest_node_tells_of_all_and_the_next_when_it_is_gone()
    {
        var (a, b, c) = (new Told(), new Told(), new Told());
        var (first, second, third) = (News("a", a), News("b", b), News("c", c));
        first.Compare([View("a")]);
        second.Compare([View("a"), View("b")]);
        first.Compare([View("a"), View("b")]);
        second.Compare([View("a"), View("b", "draining")]);
        first.Compare([View("a"), View("b", "draining")]);
        third.Compare([View("b"), View("c")]);
        second.Compare([View("b"), View("c")]);
        Assert.Equal(["node.joined", "node.joined", "node.draining"], a.Names);
        Assert.Equal(["node.joined", "node.left"], b.Names);
        Assert.Empty(c.Names);

        static NodeNews News(string id, Told told) => new(new FakeCluster(), told, new NodeIdentity(id), TimeProvider.System);
        static NodeView View(string id, string state = "up") => new(id, "r", "z", [], state, false, null, 0, new NodeLoadView(0, 0, 0, 0, 0), new NodeCapacityView(0, 0, 0, 0));
    }

    [Fact]
    public async Task Operators_test_targets_and_deliver_dead_letters_again()
    {
        var answers = Enumerable.Repeat(HttpStatusCode.BadGateway, 9).Append(HttpStatusCode.OK).ToArray();
        var (node, target) = await StartAsync([], answers);
        await using var _ = node;
        var operate = node.Token(TokenScope.Operate);
        var test = await JsonAsync(await node.SendAsync("POST", "/api/v1/webhooks/test", token: operate));
        Assert.Equal((502, "it answered 502"), (test.GetProperty("targets")[0].GetProperty("status").GetInt32(), test.GetProperty("targets")[0].GetProperty("error").GetString()));

        node.Services.GetRequiredService<IWebhooks>().Raise("recording.ready", "{\"event\":\"recording.ready\",\"n\":1.50}"u8.ToArray());
        var hub = node.Services.GetRequiredService<WebhookHub>();
        await UntilAsync(node, () => hub.Dead.Count == 1);
        var letter = (await JsonAsync(await node.SendAsync("GET", "/api/v1/webhooks/dead-letters", token: operate))).GetProperty("deadLetters")[0];
        var id = letter.GetProperty("id").GetString()!;
        Assert.Equal(HttpStatusCode.Accepted, (await node.SendAsync("POST", $"/api/v1/webhooks/dead-letters/{id}/deliver", token: operate)).StatusCode);
        await UntilAsync(node, () => hub.Senders[0].Delivered == 1);
        Assert.Equal((id, target.Requests.ElementAt(1).Body), (target.Requests.Last().Delivery, target.Requests.Last().Body));
        await (await node.SendAsync("POST", $"/api/v1/webhooks/dead-letters/{id}/deliver", token: operate)).AssertProblemAsync(404);

        var seen = (await JsonAsync(await node.SendAsync("GET", "/api/v1/webhooks", token: operate))).GetProperty("targets")[0];
        Assert.Equal("https://hooks.example.org/a", seen.GetProperty("url").GetString());
        Assert.Equal(HttpStatusCode.Forbidden, (await node.SendAsync("POST", "/api/v1/webhooks/test", token: node.Token(TokenScope.Operate, "live"))).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await node.SendAsync("GET", "/api/v1/webhooks/dead-letters")).StatusCode);
    }

    private static async Task<(TestNode Node, HookTarget Target)> StartAsync(params (string Key, string Value)[] settings) => await StartAsync(settings, HttpStatusCode.OK);

    private static async Task<(TestNode Node, HookTarget Target)> StartAsync((string Key, string Value)[] settings, params HttpStatusCode[] answers)
    {
        var target = new HookTarget(answers);
        var data = Path.Combine(Path.GetTempPath(), "hooks-" + Guid.NewGuid().ToString("N"));
        var node = await TestNode.StartAsync(
            services => services.AddSingleton(new WebhookNetwork(new HttpClient(target))),
            [("Data", data), ("Webhooks:Targets:0:Url", "https://user:pass@hooks.example.org/a?key=secret"), .. settings]);
        return (node, target);
    }

    private static async Task<JsonElement> JsonAsync(HttpResponseMessage response)
    {
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return HookTarget.Json(await response.Content.ReadAsStringAsync());
    }

    private static async Task UntilAsync(TestNode node, Func<bool> condition)
    {
        for (var until = DateTime.UtcNow.AddSeconds(60); !condition();)
        {
            Assert.True(DateTime.UtcNow < until, "It did not come about.");
            node.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(2);
        }
    }

    private sealed class Told : IWebhooks
    {
        public List<string> Names { get; } = [];

        public bool Wants(string name) => true;

        public void Raise(string name, byte[] body) => Names.Add(name);
    }
}
