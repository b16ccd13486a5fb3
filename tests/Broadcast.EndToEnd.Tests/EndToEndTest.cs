using Broadcast.EndToEnd.Tests.Browsers;
using Broadcast.EndToEnd.Tests.Network;
using Broadcast.EndToEnd.Tests.Server;
using Xunit.Abstractions;

namespace Broadcast.EndToEnd.Tests;

/// <summary>A test with a stream of its own. Its tabs are closed with it; their consoles go into its output.</summary>
[Collection(RealClients.Name)]
public abstract class EndToEndTest(Rig rig, ITestOutputHelper output) : IAsyncLifetime
{
    private readonly List<Tab> _tabs = [];
    private int _logged;

    /// <summary>A name no other test uses.</summary>
    protected string Stream { get; } = $"t{Guid.NewGuid():N}"[..12];

    /// <summary>The server of the rig, unless the test breaks it.</summary>
    protected virtual ServerNode Node => rig.Node;

    /// <summary>Of that server.</summary>
    protected virtual StreamApi Api => rig.Api;

    protected ITestOutputHelper Output => output;

    public virtual Task InitializeAsync()
    {
        _logged = Node.Log.Length;
        return Task.CompletedTask;
    }

    public virtual async Task DisposeAsync()
    {
        foreach (var tab in _tabs)
        {
            output.WriteLine($"-- {tab.Page.Url}\n{tab.Console}");
            await tab.DisposeAsync();
        }

        output.WriteLine($"-- server\n{Node.Log[_logged..]}");
    }

    /// <summary>An empty tab; scripts and rewriting can be added before it goes anywhere.</summary>
    protected async Task<Tab> OpenAsync(bool withWorklets = false)
    {
        var tab = await rig.Chromium.OpenAsync(Node.Address, withWorklets);
        _tabs.Add(tab);
        return tab;
    }

    /// <summary>Goes live by the publish page with the test card instead of a camera, in one quality: the card must be readable, and frames are counted.</summary>
    protected async Task<Tab> PublishCardAsync(string codec = "video/VP8", ImpairedLeg? through = null)
    {
        var tab = await OpenAsync(withWorklets: true);
        if (through is not null)
            await tab.RewriteAnswersAsync(through.Rewrite);
        await tab.AddScriptAsync("test-card.js");
        return await PublishAsync(tab, codec, layers: "single");
    }

    /// <summary>Opens the watch page with the means to read the test card.</summary>
    protected async Task<Tab> WatchCardAsync(ImpairedLeg? through = null)
    {
        var tab = await OpenAsync(withWorklets: true);
        if (through is not null)
            await tab.RewriteAnswersAsync(through.Rewrite);
        await tab.AddScriptAsync("card-reader.js");
        return await WatchAsync(tab);
    }

    /// <summary>Goes live by the publish page, with the fake camera or, after test-card.js, with the test card.</summary>
    protected async Task<Tab> PublishAsync(Tab? tab = null, string codec = "video/VP8", string layers = "auto")
    {
        tab ??= await OpenAsync();
        await PublishPage.GoLiveAsync(tab, await Node.MintAsync("publish", Stream), Stream, codec, layers);
        return tab;
    }

    /// <summary>Opens the watch page and waits for the first frame on its screen.</summary>
    protected async Task<Tab> WatchAsync(Tab? tab = null)
    {
        tab ??= await OpenAsync();
        await WatchPage.OpenAsync(tab, Stream);
        await WatchPage.UntilPlayingAsync(tab);
        return tab;
    }
}
