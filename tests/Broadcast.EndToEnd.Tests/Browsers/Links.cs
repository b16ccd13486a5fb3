namespace Broadcast.EndToEnd.Tests.Browsers;

/// <summary>Sessions on the blank page (Scripts/links.js): the product's modules, but nothing that makes a new session when one fails.</summary>
public static class Links
{
    /// <summary>Opens the blank page and publishes.</summary>
    public static async Task PublishAsync(Tab tab, string stream, string token)
    {
        await OpenAsync(tab);
        await tab.EvaluateAsync<object?>("([stream, token]) => links.publish(stream, token)", new[] { stream, token });
        await UntilConnectedAsync(tab);
    }

    /// <summary>Opens the blank page and watches until the first frame is decoded.</summary>
    public static async Task WatchAsync(Tab tab, string stream)
    {
        await OpenAsync(tab);
        await tab.EvaluateAsync<object?>("(stream) => links.watch(stream)", stream);
        await tab.UntilAsync("async () => (await e2e.report('inbound-rtp', 'video')).framesDecoded > 0");
    }

    public static Task UntilConnectedAsync(Tab tab) => tab.UntilAsync("() => link.connection.connectionState === 'connected'");

    /// <summary>Waits until so many more frames are decoded.</summary>
    public static async Task UntilMoreFramesAsync(Tab tab, int more, double seconds = 15)
    {
        var before = await tab.EvaluateAsync<int>("async () => (await e2e.report('inbound-rtp', 'video')).framesDecoded");
        await tab.UntilAsync(
            "async (wanted) => (await e2e.report('inbound-rtp', 'video')).framesDecoded >= wanted", before + more, seconds);
    }

    private static async Task OpenAsync(Tab tab)
    {
        await tab.AddScriptAsync("links.js");
        await tab.GoToAsync(Tab.BlankPath);
    }
}
