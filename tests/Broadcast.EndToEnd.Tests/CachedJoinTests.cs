using System.Diagnostics;
using Broadcast.EndToEnd.Tests.Browsers;
using Broadcast.EndToEnd.Tests.Server;
using Xunit.Abstractions;

namespace Broadcast.EndToEnd.Tests;

/// <summary>Newcomers to a source that makes a keyframe every four seconds only get a picture at once, and are soon as live as everybody.</summary>
/// <remarks>Without the server's cache the five would wait 3.6, 2.8, 2, 1.2 and 0.4 seconds, beside what a connection takes.</remarks>
public sealed class CachedJoinTests(Rig rig, ITestOutputHelper output) : EndToEndTest(rig, output)
{
    // Generous: what a machine takes that runs other tests at the same time. docs/benchmarks.md has what it takes otherwise.
    private const double MedianLimitMs = 1_200;
    private const double LimitMs = 2_000;
    private const double BehindLimitMs = 150;

    private static readonly int[] Phases = [12, 36, 60, 84, 108];

    [Fact]
    public async Task Joins_at_any_phase_of_a_long_keyframe_interval_show_a_picture_at_once_and_catch_up()
    {
        var (source, frameCount) = await DeafPublisher.StartAsync(Node.Address, await Node.MintAsync("publish", Stream), Stream);
        await using var publisher = source;
        await Api.UntilAsync(Stream, state => VideoOf(state) is { Keyframes: > 0 }, TimeSpan.FromSeconds(30));
        var first = await OpenNewcomerAsync();
        await JoinAsync(first);
        await first.UntilAsync("() => cardReader.shown.length > 30");
        var (before, clock) = (VideoOf(await Api.GetAsync(Stream))!, Stopwatch.StartNew());

        var times = new List<double>();
        var behind = new List<double>();
        foreach (var phase in Phases)
        {
            var viewer = await OpenNewcomerAsync();
            await first.UntilAsync($"(phase) => Math.abs(cardReader.shown.at(-1).number % {DeafPublisher.KeyframeInterval} - phase) < 8", phase);
            times.Add(await JoinAsync(viewer));
            behind.Add(await BehindAsync(viewer, first, frameCount));
            Output.WriteLine($"{phase} frames after a keyframe: picture after {times[^1]:F0} ms; 3 s later {behind[^1]:F0} ms behind the first viewer");

            var span = await viewer.EvaluateAsync<PlayedSpan>("() => e2e.steady({ seconds: 3 })");
            Output.WriteLine($"{span}; since joining {await ReceivedVideo.OfAsync(viewer)}");
            Assert.True(span.Clean, span.ToString());
            var video = await ReceivedVideo.OfAsync(viewer);
            Assert.Equal((0, 0, 0), (video.PacketsLost, video.NackCount, video.PliCount));
            await viewer.EvaluateAsync<object?>("() => link.close()");
        }

        var after = VideoOf(await Api.GetAsync(Stream))!;
        Output.WriteLine($"{after.Keyframes - before.Keyframes} keyframes in {clock.Elapsed.TotalSeconds:F0} s, {after.KeyframeRequests - before.KeyframeRequests} asked for");
        Assert.Equal(before.KeyframeRequests, after.KeyframeRequests);
        Assert.InRange(after.Keyframes - before.Keyframes, 0, (clock.Elapsed.TotalSeconds * DeafPublisher.FramesPerSecond / DeafPublisher.KeyframeInterval) + 1);
        Assert.All(times, time => Assert.InRange(time, 0, LimitMs));
        Assert.InRange(Median(times), 0, MedianLimitMs);
        Assert.All(behind, late => Assert.True(late < BehindLimitMs, $"{late:F0} ms later than the first viewer."));
    }

    private static TrackState? VideoOf(StreamState state) => state.Tracks.SingleOrDefault(track => track.Kind == "video");

    private async Task<Tab> OpenNewcomerAsync()
    {
        var tab = await OpenAsync();
        await tab.AddScriptAsync("card-reader.js");
        await tab.AddScriptAsync("newcomer.js");
        await tab.GoToAsync(Tab.BlankPath);
        await tab.EvaluateAsync<bool>("async () => Boolean(await import('/shared/link/peer-link.js'))");
        return tab;
    }

    private Task<double> JoinAsync(Tab tab) => tab.EvaluateAsync<double>("(stream) => newcomer.join(stream)", Stream);

    /// <summary>How much later than the first viewer another one sees the same pictures.</summary>
    private static async Task<double> BehindAsync(Tab viewer, Tab first, int frameCount)
    {
        var seen = await viewer.EvaluateAsync<CardFrame[]>("() => newcomer.shownBetween(3, 5)");
        var earlier = await first.EvaluateAsync<CardFrame[]>("() => cardReader.shown");
        var roundMs = 1000.0 * frameCount / DeafPublisher.FramesPerSecond;
        var differences = from frame in seen
                          from same in earlier
                          where same.Number == frame.Number && Math.Abs(frame.AtMs - same.AtMs) < roundMs / 2
                          select frame.AtMs - same.AtMs;
        var found = differences.ToList();
        Assert.True(found.Count > 10, $"Only {found.Count} of {seen.Length} pictures were seen by both.");
        return Median(found);
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
