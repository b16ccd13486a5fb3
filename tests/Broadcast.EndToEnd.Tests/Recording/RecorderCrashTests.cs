using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using Broadcast.EndToEnd.Tests.Cascade;
using Broadcast.EndToEnd.Tests.Server;
using Xunit.Abstractions;

namespace Broadcast.EndToEnd.Tests.Recording;

/// <summary>The node that records is killed (SIGKILL) at random moments; what it had is listed afterwards, plays, and lacks little.</summary>
[Collection(RealClients.Name)]
public sealed class RecorderCrashTests(ITestOutputHelper output)
{
    /// <summary>One second is the aim (docs/recording.md); the rest is for a machine on which everything else runs too.</summary>
    private const double MostMissing = 2;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [Fact]
    public Task What_was_recorded_before_three_kills_is_there_after_them() => KillAsync(3);

    [Fact]
    [Trait("Category", "Long")]
    public Task What_was_recorded_before_twenty_kills_is_there_after_them() => KillAsync(20);

    private async Task KillAsync(int rounds)
    {
        await using var node = await ServerNode.StartAsync(switches: ["--no-auth", "--rate-limit", "0", "--workers", "1", "--record", "always"]);
        using var client = new HttpClient { BaseAddress = new Uri(node.Address) };
        var random = new Random(rounds);
        var expected = new Dictionary<string, double>();
        try
        {
            for (var round = 0; round < rounds; round++)
            {
                await using (await Source.StartAsync(node, $"round-{round}"))
                {
                    var (id, seconds) = await RecordUntilAsync(client, $"round-{round}", 2 + (random.NextDouble() * 3), node);
                    expected[id] = seconds;
                }

                await node.ReviveAsync();
            }

            // :: Everything is listed, becomes a file, and the file is whole
            foreach (var (id, seconds) in expected)
            {
                var recording = await UntilAsync(client, $"/api/v1/recordings/{id}", view => view.GetProperty("state").GetString() is "ready" or "failed");
                Assert.Equal("ready", recording.GetProperty("state").GetString());
                var duration = recording.GetProperty("duration").GetDouble();
                output.WriteLine($"{id}: {duration:F2} s, {(seconds - duration) * 1000:F0} ms before the kill are missing");
                Assert.InRange(seconds - duration, double.MinValue, MostMissing);
                var file = (await client.GetFromJsonAsync<JsonElement>($"/vod/{id}/index.json")).GetProperty("files")[0].GetProperty("url").GetString()!;
                var path = Path.Combine(node.Folder, $"{id}.webm");
                await File.WriteAllBytesAsync(path, await client.GetByteArrayAsync(file));
                Assert.Equal("", await MediaProbe.DecodeAsync(path));
                Assert.All(await MediaProbe.TracksAsync(path), track => Assert.InRange(track.Last, duration - 0.5, duration + 0.1));
            }
        }
        catch
        {
            output.WriteLine(node.Log);
            throw;
        }
    }

    /// <summary>Kills the node when so much has been recorded.</summary>
    /// <returns>The recording, and how long its media were at that moment, if none had been missing.</returns>
    private static async Task<(string Id, double Seconds)> RecordUntilAsync(HttpClient client, string stream, double seconds, ServerNode node)
    {
        var id = (await UntilAsync(client, $"/api/v1/streams/{stream}/recording", view => view.GetProperty("active").GetBoolean())).GetProperty("id").GetString()!;
        await UntilAsync(client, $"/vod/{id}/index.json", view => view.GetProperty("duration").GetDouble() > 0);

        // The newest that can be read is behind what was received; at the best moment it is the least behind.
        var watch = Stopwatch.StartNew();
        var lead = double.MinValue;
        while (watch.Elapsed.TotalSeconds < seconds)
        {
            var asked = watch.Elapsed.TotalSeconds;
            lead = Math.Max(lead, (await client.GetFromJsonAsync<JsonElement>($"/vod/{id}/index.json")).GetProperty("duration").GetDouble() - asked);
        }

        await node.CrashAsync();
        return (id, watch.Elapsed.TotalSeconds + lead);
    }

    private static async Task<JsonElement> UntilAsync(HttpClient client, string path, Func<JsonElement, bool> wanted)
    {
        using var end = new CancellationTokenSource(Limit);
        while (true)
        {
            using var answer = await client.GetAsync(new Uri(path, UriKind.Relative), end.Token);
            if (answer.IsSuccessStatusCode && await answer.Content.ReadFromJsonAsync<JsonElement>(end.Token) is var view && wanted(view)) return view;
            await Task.Delay(20, end.Token);
        }
    }
}
