using Broadcast.EndToEnd.Tests.Browsers;
using Xunit.Abstractions;

namespace Broadcast.EndToEnd.Tests;

/// <summary>A shared screen on which nothing happens, without sound: about one packet a second.</summary>
public sealed class StillTests(Rig rig, ITestOutputHelper output) : EndToEndTest(rig, output)
{
    /// <summary>Pictures, one a second, for which the player is watched.</summary>
    private const int StillPictures = 25;

    [Fact]
    public async Task Player_of_a_still_screen_keeps_its_session_and_asks_the_server_rarely()
    {
        var publisher = await OpenAsync();
        await publisher.AddScriptAsync("still-screen.js");
        await Links.PublishAsync(publisher, Stream, await Node.MintAsync("publish", Stream));
        var viewer = await WatchAsync();
        var requests = new List<string>();
        viewer.Page.Request += (_, request) => requests.Add($"{request.Method} {new Uri(request.Url).AbsolutePath}");
        await Links.UntilMoreFramesAsync(viewer, 60);

        await publisher.EvaluateAsync<object?>("() => stopMoving()");
        await Links.UntilMoreFramesAsync(viewer, StillPictures, seconds: 3 * StillPictures);

        Output.WriteLine($"{StillPictures} still pictures: {string.Join(", ", requests)}");
        Assert.Equal(1, await viewer.EvaluateAsync<int>("() => e2e.connections.length"));
        Assert.DoesNotContain(requests, request => request.StartsWith("POST ", StringComparison.Ordinal));
        Assert.InRange(requests.Count, 0, 8);
        await WatchPage.UntilStateAsync(viewer, "playing");
    }
}
