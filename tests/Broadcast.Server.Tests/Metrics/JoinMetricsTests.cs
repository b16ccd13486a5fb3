using System.Globalization;
using System.Text.RegularExpressions;
using Broadcast.Client.Connections;
using Broadcast.Client.Signalling;
using Broadcast.Server.Tests.Hosting;

namespace Broadcast.Server.Tests.Metrics;

/// <summary>What a node counts of a viewer from its POST to its end.</summary>
public sealed class JoinMetricsTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task A_viewer_is_counted_when_it_joins_watches_and_leaves()
    {
        await using var node = await RunningNode.StartAsync(new Dictionary<string, string>(), "--no-auth", "--demo");
        using var client = new HttpClient { BaseAddress = node.Address };
        await UntilAsync(client, "broadcast_join_media_seconds_count{role=\"publisher\"}", 1);
        await using var signalling = new WhipWhepSignalling(node.Address, token: null, connections: 1);
        using var opener = new SessionOpener(new ConnectionOptions { Server = node.Address }, signalling);
        using var loop = new EventLoop("viewer");
        var settled = new TaskCompletionSource<ViewerSession>(TaskCreationOptions.RunContinuationsAsynchronously);
        var opened = await opener.OpenAsync(
            loop, "demo", sources: null, remote => new ViewerSession(remote.Audio, remote.Video, 1, null) { Settled = session => settled.TrySetResult(session) }, CancellationToken.None);
        Assert.True((await settled.Task.WaitAsync(Patience)).IsPlaying);

        await UntilAsync(client, "broadcast_join_connected_seconds_count{role=\"viewer\"}", 1);
        await UntilAsync(client, "broadcast_join_media_seconds_count{role=\"viewer\"}", 1);
        await UntilAsync(client, "broadcast_media_viewers_by_estimate{le=\"+Inf\"}", 1);
        var text = await client.GetStringAsync("/metrics");
        Assert.Equal(1, Values(text, "broadcast_media_viewers_by_height{").Sum());
        Assert.True(Values(text, "broadcast_join_media_seconds_sum{role=\"viewer\"}").Single() >= Values(text, "broadcast_join_connected_seconds_sum{role=\"viewer\"}").Single());
        Assert.True(Values(text, "broadcast_media_rtp_packets_sent_total").Single() > 0);

        await Leaving.EndAsync(opened, CancellationToken.None);
        await UntilAsync(client, "broadcast_media_sessions{role=\"viewer\"}", 0);
        text = await client.GetStringAsync("/metrics");
        Assert.Equal(1, Values(text, "broadcast_media_sessions_opened_total{role=\"viewer\"}").Single());
        Assert.Equal(1, Values(text, "broadcast_media_sessions_ended_total{role=\"viewer\",reason=\"closed\"}").Single());

        // What it was sent stays counted.
        Assert.True(Values(text, "broadcast_media_rtp_packets_sent_total").Single() > 0);
    }

    private static async Task UntilAsync(HttpClient client, string sample, double value)
    {
        using var limit = new CancellationTokenSource(Patience);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (!Values(await client.GetStringAsync("/metrics", limit.Token), sample).Contains(value)) await timer.WaitForNextTickAsync(limit.Token);
    }

    private static IEnumerable<double> Values(string text, string sample) =>
        Regex.Matches(text, $"(?m)^{Regex.Escape(sample)}[^ \n]* ([0-9.e+-]+)$").Select(match => double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture));
}
