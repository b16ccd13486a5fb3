using Broadcast.EndToEnd.Tests.Browsers;
using Xunit.Abstractions;

namespace Broadcast.EndToEnd.Tests;

/// <summary>Pages that are gone, with and without a word.</summary>
public sealed class VanishedTests(Rig rig, ITestOutputHelper output) : EndToEndTest(rig, output)
{
    private static readonly TimeSpan AtOnce = TimeSpan.FromSeconds(10);

    /// <summary>Consent expires after 30 s (RFC 7675 §5.1).</summary>
    private static readonly TimeSpan ConsentLimit = TimeSpan.FromSeconds(50);

    [Fact]
    public async Task Viewer_that_leaves_is_gone_at_once()
    {
        await PublishAsync();
        var viewer = await WatchAsync();
        await Api.UntilAsync(Stream, state => state.Viewers == 1, AtOnce);
        await viewer.GoToAsync("/");
        await Api.UntilAsync(Stream, state => state.Viewers == 0, AtOnce);
    }

    [Fact]
    public async Task Viewer_whose_tab_crashed_is_noticed()
    {
        await PublishAsync();
        var viewer = await WatchAsync();
        var other = await WatchAsync();
        await Api.UntilAsync(Stream, state => state.Viewers == 2, AtOnce);
        await viewer.CrashAsync();
        await Api.UntilAsync(Stream, state => state.Viewers == 1, ConsentLimit);
        await Links.UntilMoreFramesAsync(other, 30);
    }

    [Fact]
    public async Task Publisher_that_leaves_ends_the_stream()
    {
        var publisher = await PublishAsync();
        await WatchAsync();
        await publisher.Page.ClickAsync("#go-live");
        await Api.UntilAsync(Stream, state => !state.Active, AtOnce);
    }
}
