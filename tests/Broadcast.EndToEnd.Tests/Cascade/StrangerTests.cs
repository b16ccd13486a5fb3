using System.Net;
using System.Net.Http.Headers;
using Broadcast.Client.Connections;
using Broadcast.Client.Signalling;
using Broadcast.EndToEnd.Tests.Server;
using Xunit.Abstractions;

namespace Broadcast.EndToEnd.Tests.Cascade;

/// <summary>What does not belong here: streams that nobody publishes, nodes that do not know the secret.</summary>
public sealed class StrangerTests(Rig rig, ITestOutputHelper output) : CascadeTest(rig, output)
{
    [Fact]
    public async Task Viewer_of_a_stream_that_nobody_publishes_is_told_when_to_come_again_and_no_node_carries_it()
    {
        await StartAsync(new NodePlan("a"), new NodePlan("b"));
        using var http = new HttpClient();
        using var offer = new StringContent(OfferWriter.Write(new LocalDescription
        {
            Ice = IceParameters.Create(),
            Fingerprint = $"sha-256 {string.Join(':', Enumerable.Repeat("AB", 32))}",
            Candidate = null,
            Sends = false,
            Codec = null,
            WithAudio = true,
        }));
        offer.Headers.ContentType = new MediaTypeHeaderValue("application/sdp");
        using var answer = await http.PostAsync(new Uri($"{Cluster["b"].Address}/whep/nobody"), offer);
        Assert.True(answer.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Conflict, $"The answer was {answer.StatusCode}.");
        Assert.True(answer.Headers.RetryAfter?.Delta > TimeSpan.Zero, "It does not say when to come again.");
        foreach (var node in Cluster.Nodes.Values)
        {
            using var api = new StreamApi(node.Address, "none");
            Assert.Equal(StreamState.None, await api.GetAsync("nobody"));
        }
    }

    // A node that is refused tries for half a minute.
    [Fact, Trait("Category", "Long")]
    public async Task Node_that_does_not_know_the_secret_is_refused_and_the_others_go_on()
    {
        await StartAsync(new NodePlan("a"), new NodePlan("b"));
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => Cluster.LaunchStrangerAsync(new NodePlan("stranger")));
        Output.WriteLine(refused.Message);
        await PublishAsync("a");
        var viewers = await WatchAsync("b", 1);
        await viewers.UntilMoreAsync(Source.PacketsPerSecond, Patience);
        Assert.Equal(1, Cluster.Nodes.Values.Max(node => node.Log.Split('\n').Count(line => line.Contains("secret", StringComparison.OrdinalIgnoreCase))));
    }
}
