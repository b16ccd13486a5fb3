using Microsoft.Playwright;

namespace Broadcast.EndToEnd.Tests.Browsers;

/// <summary>Debian's Chromium, headless, with a fake camera and microphone.</summary>
public sealed class Chromium : IAsyncDisposable
{
    private static readonly string[] Switches =
    [
        "--headless=new", "--no-sandbox", "--disable-gpu", "--mute-audio",
        // Without the rate the fake camera runs at 20 fps. The fake dialogue also lets host candidates out instead of mDNS names.
        "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream=fps=30",
        "--autoplay-policy=no-user-gesture-required", "--allow-loopback-in-peer-connection",
        "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    ];

    private readonly IPlaywright _playwright;
    private readonly IBrowser _browser;

    private Chromium(IPlaywright playwright, IBrowser browser) => (_playwright, _browser) = (playwright, browser);

    public static async Task<Chromium> LaunchAsync()
    {
        var playwright = await Playwright.CreateAsync();
        var browser = await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = Environment.GetEnvironmentVariable("CHROMIUM") ?? "/usr/bin/chromium",
            Headless = true,
            Args = Switches,
        });
        return new Chromium(playwright, browser);
    }

    /// <summary>Opens an empty tab in a context of its own: a tab beside another one of the same context counts as hidden.</summary>
    /// <param name="server">Its origin.</param>
    /// <param name="withWorklets">Lets the test's scripts add audio worklets, which the pages' content policy forbids.</param>
    public async Task<Tab> OpenAsync(string server, bool withWorklets = false) =>
        await Tab.CreateAsync(await _browser.NewContextAsync(new() { BypassCSP = withWorklets }), server);

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
    }
}
