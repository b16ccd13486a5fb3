using Broadcast.EndToEnd.Tests.Server;

namespace Broadcast.EndToEnd.Tests.Browsers;

/// <summary>Video in several layers on the blank page (Scripts/layers.js): published, and watched by a viewer who chooses.</summary>
public static class LayeredVideo
{
    /// <summary>Publishes 960 × 540.</summary>
    /// <param name="tab">An empty tab.</param>
    /// <param name="stream">The stream's name.</param>
    /// <param name="token">Of scope publish.</param>
    /// <param name="codec">A MIME type.</param>
    /// <param name="structure">
    /// <c>simulcast</c> for q, h and f of a quarter, half and full size in the browser's temporal layers, <c>simulcast L1T1</c> for one temporal
    /// layer each, or a scalability mode.
    /// </param>
    /// <param name="withSound">Adds the fake microphone.</param>
    /// <param name="framesPerSecond">Few, as two cores encode and decode at once.</param>
    /// <param name="bestBitrate">Of simulcast's full size.</param>
    public static async Task PublishAsync(
        Tab tab, string stream, string token, string codec, string structure, bool withSound = false, int framesPerSecond = 15, int bestBitrate = 1_200_000)
    {
        object[] encodings = structure switch
        {
            "simulcast" => Simulcast(bestBitrate, scalabilityMode: null),
            "simulcast L1T1" => Simulcast(bestBitrate, "L1T1"),
            _ => [new { maxBitrate = 1_500_000, scalabilityMode = structure }],
        };
        await tab.AddScriptAsync("layers.js");
        await tab.GoToAsync(Tab.BlankPath);
        await tab.EvaluateAsync<object?>("(what) => layers.publish(what)", new { stream, token, codec, encodings, framesPerSecond, withSound });
        await Links.UntilConnectedAsync(tab);
        await tab.EvaluateAsync<object?>("() => { layers.watchPace('outbound-rtp'); }");
    }

    /// <summary>Publishes VP8 in three encodings and sound into a room of Janus that is made for it, and waits until all of them are sent.</summary>
    /// <returns>The feed.</returns>
    public static async Task<long> PublishToJanusAsync(Tab tab, string api, int room, int framesPerSecond, int bestBitrate)
    {
        await tab.AddScriptAsync("layers.js");
        await OpenJanusPageAsync(tab, api);
        var feed = await tab.EvaluateAsync<long>(
            "(what) => janusRoom.publish(what)",
            // It takes the first one for the best.
            new { api, room, codec = "video/VP8", encodings = Simulcast(bestBitrate, scalabilityMode: null).Reverse(), framesPerSecond, withSound = true });
        await tab.UntilAsync("async () => (await e2e.reports('outbound-rtp', 'video')).filter(({ framesSent }) => framesSent > 30).length === 3", seconds: 60);
        await tab.EvaluateAsync<object?>("() => { layers.watchPace('outbound-rtp'); }");
        return feed;
    }

    /// <summary>Watches what <see cref="PublishToJanusAsync"/> publishes, in a video element.</summary>
    public static async Task WatchAtJanusAsync(Tab tab, string api, int room, long feed)
    {
        await OpenJanusPageAsync(tab, api);
        await tab.EvaluateAsync<object?>("(what) => janusRoom.watch(what)", new { api, room, feed });
    }

    private static async Task OpenJanusPageAsync(Tab tab, string api)
    {
        // A page from nowhere may not call loopback addresses by itself.
        await tab.Page.RouteAsync($"{api}**", async route => await route.FulfillAsync(new() { Response = await route.FetchAsync(new() { Timeout = 60_000 }) }));
        await tab.AddScriptAsync("janus-room.js");
        await tab.GoToAsync(Tab.BlankPath);
    }

    private static object[] Simulcast(int bestBitrate, string? scalabilityMode)
    {
        return [Encoding("q", 4, 150_000), Encoding("h", 2, 400_000), Encoding("f", 1, bestBitrate)];

        object Encoding(string rid, int scaleResolutionDownBy, int maxBitrate) => scalabilityMode is null
            ? new { rid, scaleResolutionDownBy, maxBitrate }
            : new { rid, scaleResolutionDownBy, maxBitrate, scalabilityMode };
    }

    /// <summary>Watches until the first frame is decoded.</summary>
    public static async Task WatchAsync(Tab tab, string stream)
    {
        await tab.AddScriptAsync("layers.js");
        await Links.WatchAsync(tab, stream);
        await tab.EvaluateAsync<object?>("() => { layers.watchPace('inbound-rtp'); }");
    }

    /// <summary>Asks for a layer; its pictures come later.</summary>
    public static async Task ChooseAsync(Tab tab, object wish) =>
        Assert.Equal(204, await tab.EvaluateAsync<int>("(wish) => layers.choose(wish)", wish));

    /// <summary>Waits until pictures of a layer's size are decoded, and then some more of them.</summary>
    public static async Task UntilShownAsync(Tab tab, LayerState layer, double seconds = 30)
    {
        await tab.UntilAsync("async (width) => (await e2e.report('inbound-rtp', 'video')).frameWidth === width", layer.Width, seconds);
        await Links.UntilMoreFramesAsync(tab, 5, seconds);
    }

    /// <summary>Spans of more than <paramref name="milliseconds"/> in which a tab encoded, or decoded, nothing.</summary>
    public static Task<Gap[]> GapsAsync(Tab tab, double milliseconds) => tab.EvaluateAsync<Gap[]>("(limit) => layers.gaps(limit)", milliseconds);
}

/// <summary>Time without a frame, in milliseconds since 1970.</summary>
public sealed class Gap
{
    public double From { get; set; }

    public double To { get; set; }

    public double Length => To - From;

    public bool Overlaps(Gap other) => From < other.To && other.From < To;
}

/// <summary>What <c>getStats</c> says of the video a tab receives.</summary>
public sealed class ReceivedVideo
{
    public int FramesDecoded { get; set; }

    public int FramesDropped { get; set; }

    public int KeyFramesDecoded { get; set; }

    public int PacketsLost { get; set; }

    public int NackCount { get; set; }

    public int PliCount { get; set; }

    public int FreezeCount { get; set; }

    public double TotalFreezesDuration { get; set; }

    public static Task<ReceivedVideo> OfAsync(Tab tab) => tab.EvaluateAsync<ReceivedVideo>("() => e2e.report('inbound-rtp', 'video')");

    public ReceivedVideo Since(ReceivedVideo earlier) => new()
    {
        FramesDecoded = FramesDecoded - earlier.FramesDecoded,
        FramesDropped = FramesDropped - earlier.FramesDropped,
        KeyFramesDecoded = KeyFramesDecoded - earlier.KeyFramesDecoded,
        PacketsLost = PacketsLost - earlier.PacketsLost,
        NackCount = NackCount - earlier.NackCount,
        PliCount = PliCount - earlier.PliCount,
        FreezeCount = FreezeCount - earlier.FreezeCount,
        TotalFreezesDuration = TotalFreezesDuration - earlier.TotalFreezesDuration,
    };

    public override string ToString() =>
        $"{FramesDecoded} frames, {KeyFramesDecoded} of them keyframes, {FramesDropped} dropped; {PacketsLost} packets lost, {NackCount} NACK, "
        + $"{PliCount} PLI; {FreezeCount} freezes of {TotalFreezesDuration:F2} s";
}
