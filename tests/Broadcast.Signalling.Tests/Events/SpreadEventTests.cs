using Broadcast.Media.Sessions;
using Broadcast.Signalling.Events;
using Broadcast.Signalling.Tests.Fakes;

namespace Broadcast.Signalling.Tests.Events;

public class SpreadEventTests
{
    private static readonly EventSet All = EventSet.Of(StreamEventKind.Reconnect).With(StreamEventKind.Inactive);

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(1000)]
    public void Everybody_is_told_once_and_not_all_at_the_same_time(int count)
    {
        var time = new ManualTime();
        EventSubscription[] subscriptions = [.. Enumerable.Range(0, count).Select(_ => new EventSubscription("live", All))];
        SpreadEvent.Begin(subscriptions, Change(TimeSpan.FromSeconds(3)), time);
        var largest = 0;
        var told = 0;
        for (var elapsed = TimeSpan.Zero; elapsed < TimeSpan.FromSeconds(3); elapsed += TimeSpan.FromMilliseconds(50))
        {
            time.Advance(TimeSpan.FromMilliseconds(50));
            var now = subscriptions.Count(subscription => subscription.Take(out _).Has(StreamEventKind.Reconnect));
            (told, largest) = (told + now, Math.Max(largest, now));
        }

        Assert.Equal(count, told);
        // Sixty steps, and two of them fall together at the first look.
        Assert.InRange(largest, 1, (2 * count / 60) + 2);
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.DoesNotContain(subscriptions, subscription => subscription.Take(out _).Has(StreamEventKind.Reconnect));
    }

    [Fact]
    public async Task An_event_of_the_media_plane_that_asks_for_it_is_spread()
    {
        await using var node = await TestNode.StartAsync();
        node.Media.Set(FakeMediaPlane.Stream("live"));
        var hub = (StreamEventHub)node.Services.GetService(typeof(StreamEventHub))!;
        EventSubscription[] subscriptions = [.. Enumerable.Range(0, 60).Select(_ => new EventSubscription("live", All))];
        foreach (var subscription in subscriptions) hub.Subscribe(subscription);
        node.Media.Raise(Change(TimeSpan.FromSeconds(3)));
        Assert.DoesNotContain(subscriptions, subscription => subscription.Take(out _).Has(StreamEventKind.Reconnect));
        node.Time.Advance(TimeSpan.FromSeconds(3));
        Assert.All(subscriptions, subscription => Assert.True(subscription.Take(out _).Has(StreamEventKind.Reconnect)));
    }

    private static StreamEvent Change(TimeSpan spread) => new(StreamEventKind.Reconnect, FakeMediaPlane.Stream("live")) { Spread = spread };
}
