using Broadcast.EndToEnd.Tests.Browsers;
using Xunit.Abstractions;

namespace Broadcast.EndToEnd.Tests;

/// <summary>Going live while the camera is still being opened.</summary>
public sealed class OpeningDevicesTests(Rig rig, ITestOutputHelper output) : EndToEndTest(rig, output)
{
    [Fact]
    public async Task Going_live_waits_for_the_camera_and_makes_one_session_of_all()
    {
        var tab = await OpenHeldAsync();
        await tab.Page.ClickAsync("#go-live");
        await PublishPage.UntilStateAsync(tab, "Opening devices…");
        await tab.UntilAsync("() => heldCamera.asked"); // the microphone, opened first, is there
        Assert.Equal("Cancel", await tab.Page.InnerTextAsync("#go-live"));
        Assert.Equal(0, await SessionsAsync(tab));

        await tab.EvaluateAsync<object?>("() => heldCamera.open()");
        await PublishPage.UntilStateAsync(tab, "Live");
        await tab.UntilAsync("async () => (await e2e.report('outbound-rtp', 'video')).framesSent > 30");
        Assert.Equal(1, await SessionsAsync(tab));
        var stream = await Api.GetAsync(Stream);
        Assert.Equal(1, stream.Epoch);
        Assert.Equal(["audio", "video"], stream.Tracks.Select(track => track.Kind).Order());
    }

    [Fact]
    public async Task Waiting_for_the_camera_can_be_cancelled()
    {
        var tab = await OpenHeldAsync();
        await tab.Page.ClickAsync("#go-live");
        await PublishPage.UntilStateAsync(tab, "Opening devices…");
        await tab.Page.ClickAsync("#go-live");
        await PublishPage.UntilStateAsync(tab, "Off air");

        await tab.EvaluateAsync<object?>("() => heldCamera.open()");
        await tab.UntilAsync("() => document.querySelector('#preview').videoHeight > 0");
        Assert.Equal("Go live", await tab.Page.InnerTextAsync("#go-live"));
        Assert.Equal(0, await SessionsAsync(tab));
    }

    private async Task<Tab> OpenHeldAsync()
    {
        var tab = await OpenAsync();
        await tab.AddScriptAsync("held-camera.js");
        await tab.GoToAsync($"/publish?token={await Node.MintAsync("publish", Stream)}");
        await tab.UntilAsync("(name) => document.querySelector('#stream-name').value === name", Stream);
        await tab.Page.SelectOptionAsync("#height", "360");
        return tab;
    }

    private static Task<int> SessionsAsync(Tab tab) => tab.EvaluateAsync<int>("() => e2e.connections.length");
}
