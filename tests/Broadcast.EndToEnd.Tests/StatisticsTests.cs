using Broadcast.EndToEnd.Tests.Browsers;
using Broadcast.EndToEnd.Tests.Server;
using Xunit.Abstractions;

namespace Broadcast.EndToEnd.Tests;

/// <summary>What the player says of its reception, why it gets the quality that it gets, and what it asks the server for that.</summary>
public sealed class StatisticsTests(Rig rig, ITestOutputHelper output) : EndToEndTest(rig, output)
{
    private const string Text = """
        (name) => document.querySelector('broadcast-player').shadowRoot.querySelector(`[data-value=${name}]`).textContent
        """;

    [Fact]
    public async Task The_panel_shows_what_is_received_and_what_the_network_carries_and_the_server_is_asked_only_while_it_is_open()
    {
        await PublishAsync(layers: "single");
        var viewer = await OpenAsync();
        var asked = 0;
        viewer.Page.Request += (_, request) =>
        {
            if (new Uri(request.Url).AbsolutePath.StartsWith("/api/v1/sessions/", StringComparison.Ordinal)) Interlocked.Increment(ref asked);
        };
        await WatchAsync(viewer);
        await Links.UntilMoreFramesAsync(viewer, 90);
        Assert.Equal(0, asked);

        await ToggleAsync(viewer);
        foreach (var name in new[] { "bitrate", "estimate", "latency", "rtt", "loss" }) await viewer.UntilAsync($"(name) => /\\d/.test(({Text})(name))", name);
        await viewer.UntilAsync($"() => ({Text})('layer') === '360p' && ({Text})('why') === 'The best there is.'");
        await viewer.UntilAsync("""
            () => [...document.querySelector('broadcast-player').shadowRoot.querySelectorAll('.statistics canvas')].every((plot) => /\d/.test(plot.ariaLabel))
            """);
        Assert.InRange(asked, 1, 30);

        await ToggleAsync(viewer);
        await Links.UntilMoreFramesAsync(viewer, 1);
        var before = asked;
        await Links.UntilMoreFramesAsync(viewer, 120);
        Assert.Equal(before, asked);
    }

    [Fact]
    public async Task A_small_player_says_in_its_menu_that_its_size_is_the_reason_and_a_chosen_quality_that_it_was_chosen()
    {
        var publisher = await OpenAsync();
        await LayeredVideo.PublishAsync(publisher, Stream, await Node.MintAsync("publish", Stream), "video/VP8", "simulcast");
        await Api.UntilAsync(
            Stream,
            state => state.Tracks.SingleOrDefault(track => track.Kind == "video") is { Layers.Count: 3 } video && video.Layers.All(layer => layer is { Active: true, Width: > 0 }),
            TimeSpan.FromSeconds(90));
        var viewer = await OpenAsync();
        await viewer.Page.SetViewportSizeAsync(320, 480);
        await WatchAsync(viewer);

        await viewer.UntilAsync(Menu("reason.startsWith('Shown no larger than 320 × ')"));
        await viewer.EvaluateAsync<object?>("() => { document.querySelector('broadcast-player').quality = '135p'; }");
        await viewer.UntilAsync(Menu("reason === 'You chose 135p.'"));
    }

    private static async Task ToggleAsync(Tab tab) => await tab.EvaluateAsync<object?>("() => document.querySelector('broadcast-player').toggleStatistics()");

    private static string Menu(string condition) => $$"""
        () => {
          const reason = document.querySelector('broadcast-player').shadowRoot.querySelector('.menu [aria-checked=true] .why')?.textContent ?? '';
          return {{condition}};
        }
        """;
}
