using Broadcast.EndToEnd.Tests.Browsers;
using Microsoft.Playwright;
using Xunit.Abstractions;

namespace Broadcast.EndToEnd.Tests.Operate;

/// <summary>Pictures of a page, for people, in light, dark and narrow; in the folder that PICTURES names, and none without it.</summary>
internal static class Pictures
{
    public static async Task SaveAsync(Tab tab, string name, ITestOutputHelper output)
    {
        if (Environment.GetEnvironmentVariable("PICTURES") is not { Length: > 0 } folder)
            return;
        foreach (var (kind, scheme, width, height) in new[] { ("light", ColorScheme.Light, 1280, 900), ("dark", ColorScheme.Dark, 1280, 900), ("narrow", ColorScheme.Light, 390, 844) })
        {
            await tab.Page.EmulateMediaAsync(new() { ColorScheme = scheme });
            await tab.Page.SetViewportSizeAsync(width, height);
            await tab.EvaluateAsync<object?>("() => new Promise((done) => setTimeout(done, 800))");
            var path = Path.Combine(folder, $"operate-{name}-{kind}.png");
            await tab.Page.ScreenshotAsync(new() { Path = path, FullPage = true });
            output.WriteLine(path);
        }

        await tab.Page.SetViewportSizeAsync(1280, 900);
    }
}
