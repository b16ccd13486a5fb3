using Broadcast.EndToEnd.Tests.Browsers;
using Microsoft.Playwright;
using Xunit.Abstractions;

namespace Broadcast.EndToEnd.Tests.Accessibility;

/// <summary>Every page in the states a person sees it in: contrast, names, roles.</summary>
public sealed class AccessibilityTests(Rig rig, ITestOutputHelper output) : EndToEndTest(rig, output)
{
    private static readonly (int Width, int Height)[] Sizes = [(1280, 800), (390, 844)];

    private readonly List<string> _findings = [];

    [Fact]
    public async Task Check_finds_faults_in_the_page_and_inside_the_player()
    {
        var tab = await OpenAsync(ColorScheme.Dark);
        await WatchPage.OpenAsync(tab, Stream);
        await WatchPage.UntilStateAsync(tab, "waiting");
        await tab.EvaluateAsync<object?>("""
            () => {
              document.querySelector('#title').style.color = getComputedStyle(document.documentElement).getPropertyValue('--line');
              document.querySelector('broadcast-player').shadowRoot.querySelector('button.mute').removeAttribute('aria-label');
              document.querySelector('broadcast-player').shadowRoot.querySelector('button.mute').removeAttribute('title');
            }
            """);
        await CheckAsync(tab, "spoilt");
        Assert.Contains(_findings, finding => finding.Contains("color-contrast", StringComparison.Ordinal) && finding.Contains("#title", StringComparison.Ordinal));
        Assert.Contains(_findings, finding => finding.Contains("button-name", StringComparison.Ordinal) && finding.Contains(".mute", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task Home_page_has_no_faults(ColorScheme scheme)
    {
        await PublishAsync();
        var tab = await OpenAsync(scheme);
        await tab.GoToAsync("/");
        await tab.UntilAsync("() => document.querySelector('#streams').childElementCount > 0");
        await tab.UntilAsync("() => document.querySelectorAll('[role=tab]').length > 0");
        await CheckAsync(tab, "live");
        AssertNothingFound();
    }

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task Publish_page_has_no_faults(ColorScheme scheme)
    {
        var refused = await OpenAsync(scheme);
        await refused.GoToAsync("/publish?token=wrong");
        await refused.UntilAsync("() => document.querySelector('#stream-name').value !== undefined");
        await CheckAsync(refused, "with a wrong token");

        var tab = await PublishAsync(await OpenAsync(scheme));
        await tab.UntilAsync("() => !document.querySelector('#health').hidden && document.querySelector('.tiles').childElementCount > 0");
        await CheckAsync(tab, "live");
        await tab.Page.ClickAsync("#go-live");
        await PublishPage.UntilStateAsync(tab, "Off air");
        await CheckAsync(tab, "off air");
        AssertNothingFound();
    }

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task Watch_page_has_no_faults(ColorScheme scheme)
    {
        var tab = await OpenAsync(scheme);
        await WatchPage.OpenAsync(tab, Stream);
        await WatchPage.UntilStateAsync(tab, "waiting");
        await CheckAsync(tab, "waiting");

        var publisher = await PublishAsync();
        await WatchPage.UntilPlayingAsync(tab);
        await CheckAsync(tab, "playing");
        await tab.EvaluateAsync<object?>("() => document.querySelector('broadcast-player').toggleStatistics()");
        await tab.Page.ClickAsync(".embedding summary");
        await tab.UntilAsync("() => document.querySelector('#facts').textContent !== ''");
        await CheckAsync(tab, "with statistics and the code for embedding");
        await tab.EvaluateAsync<object?>("() => document.querySelector('broadcast-player').pause()");
        await CheckAsync(tab, "paused by the viewer");

        await publisher.Page.ClickAsync("#go-live");
        await WatchPage.UntilStateAsync(tab, "waiting");
        await CheckAsync(tab, "paused by the broadcaster");
        AssertNothingFound();
    }

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task Operate_page_has_no_faults(ColorScheme scheme)
    {
        await PublishAsync();
        var refused = await OpenAsync(scheme);
        await refused.GoToAsync("/operate");
        await refused.UntilAsync("() => !document.querySelector('#no-token').hidden");
        await CheckAsync(refused, "without a token");

        var tab = await OpenAsync(scheme);
        await tab.AddScriptAsync("operate.js");
        await tab.GoToAsync($"/operate?token={await Node.MintAsync("operate", "*")}");
        await tab.UntilAsync("(stream) => operate.rows('streams').includes(stream)", Stream);
        await CheckAsync(tab, "with a stream");
        await tab.EvaluateAsync<object?>("(stream) => operate.pick('streams', stream)", Stream);
        await tab.UntilAsync("() => document.querySelectorAll('#details .place').length === 1");
        await CheckAsync(tab, "with a stream's details");
        foreach (var panel in new[] { "nodes", "links", "sessions", "recordings", "events", "bans" })
        {
            await tab.EvaluateAsync<object?>("(panel) => operate.tab(panel)", panel);
            if (panel is "nodes" or "sessions" or "events")
                await tab.UntilAsync("(panel) => operate.rows(panel).length > 0", panel);
            await CheckAsync(tab, $"the table of {panel}");
        }

        await tab.EvaluateAsync<object?>("() => operate.tab('nodes')");
        await tab.EvaluateAsync<object?>("() => operate.pick('nodes', operate.rows('nodes')[0])");
        await tab.UntilAsync("() => operate.fact('Viewers') !== ''");
        await CheckAsync(tab, "with a node's details");
        await tab.Page.ClickAsync("#mint-open");
        await CheckAsync(tab, "minting a token");
        AssertNothingFound();
    }

    private async Task<Tab> OpenAsync(ColorScheme scheme)
    {
        var tab = await OpenAsync();
        // Without motion, so that no colour is looked at on its way.
        await tab.Page.EmulateMediaAsync(new() { ColorScheme = scheme, ReducedMotion = ReducedMotion.Reduce });
        return tab;
    }

    private async Task CheckAsync(Tab tab, string state)
    {
        foreach (var (width, height) in Sizes)
        {
            await tab.Page.SetViewportSizeAsync(width, height);
            foreach (var finding in await Axe.CheckAsync(tab))
                _findings.Add($"{new Uri(tab.Page.Url).AbsolutePath}, {state}, {width} × {height}: {finding}");
        }
    }

    private void AssertNothingFound() => Assert.True(_findings.Count == 0, string.Join("\n\n", _findings));
}
