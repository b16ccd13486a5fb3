using Broadcast.EndToEnd.Tests.Browsers;
using Xunit.Abstractions;

namespace Broadcast.EndToEnd.Tests;

/// <summary>Sound and picture that belong together are heard and seen together.</summary>
/// <remarks>
/// The publisher's page makes a click and a flash at the same moment, once a second, and notes when each left it. The
/// viewer's page notes when the flash is due on the screen (requestVideoFrameCallback) and when the player's buffer hands
/// the click to the output (MediaStreamTrackProcessor). An event's offset is the viewer's difference less the
/// publisher's; all four times come from the machine's clock. A direct connection of two pages shows +12 ms by the same
/// method. Players correct by small steps and ignore 30 ms (libwebrtc, stream_synchronization.cc), so they get time to
/// settle, and the median of ten events in a row counts.
/// </remarks>
public sealed class LipSyncTests(Rig rig, ITestOutputHelper output) : EndToEndTest(rig, output)
{
    private const int EventsInARow = 10;
    private const double LimitMs = 45;
    private static readonly TimeSpan SettleLimit = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task Flashes_and_clicks_arrive_together()
    {
        var publisher = await PublishCardAsync();
        var viewer = await WatchCardAsync();
        await AssertSettlesAsync(publisher, viewer);
    }

    /// <summary>Only sender reports with one time base and one media stream for both tracks can bring this about.</summary>
    [Fact]
    public async Task The_picture_waits_for_sound_that_is_held_back()
    {
        var publisher = await PublishCardAsync();
        var viewer = await WatchCardAsync();
        await viewer.EvaluateAsync<bool>("""
            () => e2e.connection.getReceivers().filter(({ track }) => track.kind === 'audio')
              .every((receiver) => { receiver.jitterBufferTarget = 400; return true; })
            """);
        await AssertSettlesAsync(publisher, viewer);
    }

    private async Task AssertSettlesAsync(Tab publisher, Tab viewer)
    {
        await viewer.EvaluateAsync<object?>("() => cardReader.watchEvents()");
        using var end = new CancellationTokenSource(SettleLimit);
        double[] offsets;
        double median;
        do
        {
            var known = await viewer.EvaluateAsync<int>("() => cardReader.events.seen.length");
            await viewer.UntilAsync("(known) => cardReader.events.seen.length > known", known);
            var arrived = await viewer.EvaluateAsync<CardEvents>("() => cardReader.events");
            var left = await publisher.EvaluateAsync<CardMoment[]>("() => testCard.events");
            offsets = [.. Offsets(left.ToDictionary(moment => moment.Event & 0xff), arrived).TakeLast(EventsInARow)];
            median = offsets.Length < EventsInARow ? double.NaN : Median(offsets.Select(Math.Abs));
        }
        while (!(median <= LimitMs) && !end.IsCancellationRequested);

        var text = string.Join(' ', offsets.Select(offset => offset.ToString("F0")));
        Output.WriteLine($"Offsets in ms, positive when the sound is late: {text}; median of their size {median:F0}");
        Assert.True(median <= LimitMs, $"Offsets in ms: {text}");
    }

    private static IEnumerable<double> Offsets(Dictionary<int, CardMoment> left, CardEvents arrived)
    {
        foreach (var flash in arrived.Seen)
        {
            // Events are a second apart, so the click that belongs to a flash is within half of that.
            var clicks = arrived.Heard.Where(heard => Math.Abs(heard - flash.At) < 500).ToArray();
            if (clicks.Length == 1 && left.TryGetValue(flash.Event, out var moment))
                yield return clicks[0] - flash.At - (moment.Click - moment.Flash);
        }
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }
}
