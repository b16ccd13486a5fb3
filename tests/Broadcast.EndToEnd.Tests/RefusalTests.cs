using Broadcast.EndToEnd.Tests.Browsers;
using Xunit.Abstractions;

namespace Broadcast.EndToEnd.Tests;

/// <summary>What a person reads when it does not work.</summary>
public sealed class RefusalTests(Rig rig, ITestOutputHelper output) : EndToEndTest(rig, output)
{
    [Fact]
    public async Task Browser_that_cannot_play_the_codec_says_so()
    {
        await PublishAsync(codec: "video/H264");
        var viewer = await OpenAsync();
        await viewer.OfferOnlyAsync("/\\/(VP8|rtx)$/");
        await WatchPage.OpenAsync(viewer, Stream);
        await WatchPage.UntilStateAsync(viewer, "failed");

        Assert.Contains($"POST /whep/{Stream} → 406", viewer.Console, StringComparison.Ordinal);
        var notice = await WatchPage.NoticeAsync(viewer);
        Output.WriteLine(notice);
        Assert.Contains("cannot be played", notice, StringComparison.Ordinal);
        Assert.Contains("H264", notice.Replace("H.264", "H264", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Publishing_without_a_token_is_refused_with_advice()
    {
        var publisher = await OpenAsync();
        await publisher.GoToAsync("/publish");
        var first = await PublishPage.ProblemAsync(publisher);
        await publisher.Page.FillAsync("#stream-name", Stream);
        await publisher.Page.ClickAsync("#go-live");
        await publisher.UntilAsync("() => document.querySelector('#state').textContent === 'Off air'");
        var second = await PublishPage.ProblemAsync(publisher);

        Output.WriteLine($"{first}\n{second}");
        Assert.Contains("Open the publish link", first, StringComparison.Ordinal);
        Assert.Contains("Open the publish link", second, StringComparison.Ordinal);
        Assert.Contains($"POST /whip/{Stream} → 401", publisher.Console, StringComparison.Ordinal);
        Assert.False((await Api.GetAsync(Stream)).Active);
    }

    [Fact]
    public async Task Token_of_another_stream_does_not_publish_this_one()
    {
        var publisher = await OpenAsync();
        await publisher.AddScriptAsync("links.js");
        await publisher.GoToAsync(Tab.BlankPath);
        var message = await publisher.EvaluateAsync<string>(
            "([stream, token]) => links.publish(stream, token).then(() => '', (error) => `${error.status} ${error.message}`)",
            new[] { Stream, await Node.MintAsync("publish", "another") });

        Output.WriteLine(message);
        Assert.StartsWith("403 ", message, StringComparison.Ordinal);
        Assert.False((await Api.GetAsync(Stream)).Active);
    }
}
