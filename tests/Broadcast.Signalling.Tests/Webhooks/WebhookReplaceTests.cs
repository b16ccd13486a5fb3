using System.Net;
using Broadcast.Signalling.Tests.Fakes;
using Broadcast.Signalling.Webhooks;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Broadcast.Signalling.Tests.Webhooks;

public class WebhookReplaceTests
{
    [Fact]
    public async Task Targets_that_come_are_told_those_that_go_are_not_and_those_that_stay_keep_their_counts()
    {
        var network = new HookTarget(HttpStatusCode.OK);
        await using var node = await TestNode.StartAsync(
            services => services.AddSingleton(new WebhookNetwork(new HttpClient(network))),
            [("Data", Directory.CreateTempSubdirectory("broadcast-tests-").FullName), ("Webhooks:Targets:0:Url", "https://a.example/hook"), ("Webhooks:Targets:1:Url", "https://b.example/hook")]);
        var hub = node.Services.GetRequiredService<WebhookHub>();
        var stays = hub.Senders[0];
        hub.Raise("stream.started", "{\"event\":\"stream.started\"}"u8.ToArray());
        await UntilAsync(network, 2);

        Configure(node, "https://a.example/hook", "https://c.example/hook");
        Assert.Equal(["https://a.example/hook", "https://c.example/hook"], hub.Senders.Select(sender => sender.Target.Name));
        Assert.Same(stays, hub.Senders[0]);
        hub.Raise("stream.stopped", "{\"event\":\"stream.stopped\"}"u8.ToArray());
        await UntilAsync(network, 4);

        Configure(node);
        Assert.Empty(hub.Senders);
        Assert.False(hub.Wants("stream.started"));
    }

    [Fact]
    public async Task A_target_that_must_not_be_leaves_everything_as_it_was()
    {
        await using var node = await TestNode.StartAsync(("Webhooks:Targets:0:Url", "https://a.example/hook"), ("Limits:Streams", "5"));
        Assert.Throws<InvalidDataException>(() => Configure(node, "https://10.0.0.1/hook"));
        Assert.Single(node.Services.GetRequiredService<WebhookHub>().Senders);
    }

    private static void Configure(TestNode node, params string[] urls) => node.Services.GetRequiredService<SignallingReload>().Prepare(
        new ConfigurationBuilder().AddInMemoryCollection(urls.Select((url, index) => KeyValuePair.Create($"Webhooks:Targets:{index}:Url", (string?)url))).Build())();

    private static async Task UntilAsync(HookTarget network, int requests)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (network.Requests.Count < requests) await Task.Delay(10, limit.Token);
    }
}
