using Broadcast.EndToEnd.Tests.Browsers;
using Xunit.Abstractions;

namespace Broadcast.EndToEnd.Tests;

/// <summary>Viewers who are there before the broadcast, or longer.</summary>
public sealed class WaitingTests(Rig rig, ITestOutputHelper output) : EndToEndTest(rig, output)
{
    [Fact]
    public async Task Page_says_that_it_waits_and_starts_by_itself()
    {
        var viewer = await OpenAsync();
        await WatchPage.OpenAsync(viewer, Stream);
        await WatchPage.UntilStateAsync(viewer, "waiting");
        Assert.Contains("Waiting for the broadcast", await WatchPage.NoticeAsync(viewer), StringComparison.Ordinal);

        await PublishAsync();
        await WatchPage.UntilPlayingAsync(viewer);
        Assert.Equal("", await WatchPage.NoticeAsync(viewer));
    }

    [Fact]
    public async Task Page_says_that_the_broadcast_paused_and_goes_on_by_itself()
    {
        var publisher = await PublishAsync();
        var viewer = await WatchAsync();
        await publisher.Page.ClickAsync("#go-live");
        await WatchPage.UntilStateAsync(viewer, "waiting");
        Assert.Contains("paused", await WatchPage.NoticeAsync(viewer), StringComparison.Ordinal);

        await publisher.Page.ClickAsync("#go-live");
        await WatchPage.UntilStateAsync(viewer, "playing");
        await Links.UntilMoreFramesAsync(viewer, 30);
        Assert.Equal("", await WatchPage.NoticeAsync(viewer));
    }
}
