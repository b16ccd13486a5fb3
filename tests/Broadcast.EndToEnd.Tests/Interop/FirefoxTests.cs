using Broadcast.EndToEnd.Tests.Browsers;
using Xunit.Abstractions;

namespace Broadcast.EndToEnd.Tests.Interop;

/// <summary>The product's pages in Firefox: its own ICE, NSS for DTLS, its own statistics, and no RTX without MID.</summary>
[Trait("Category", "Long")]
[Collection(ClientsOfHostAddresses.Name)]
public sealed class FirefoxTests(HostRig rig, ITestOutputHelper output) : EndToEndTest(rig, output)
{
    private const string Player = "document.querySelector('broadcast-player')";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData("video/VP8")]
    [InlineData("video/VP9")]
    public async Task What_firefox_publishes_chromium_plays(string codec)
    {
        await using var publisher = await Firefox.LaunchAsync(Output);
        await GoLiveAsync(publisher, codec);
        var viewer = await WatchAsync();

        var span = await viewer.EvaluateAsync<PlayedSpan>("() => e2e.steady()");
        Assert.True(span.Clean, span.ToString());
        Assert.Equal(codec, span.VideoCodec);
        Assert.Equal("audio/opus", span.AudioCodec);

        await publisher.EvaluateAsync<object?>("() => document.querySelector('#go-live').click()");
        await Api.UntilAsync(Stream, state => !state.Active, Limit);
    }

    [Theory]
    [InlineData("video/VP8")]
    [InlineData("video/VP9")]
    public async Task What_chromium_publishes_firefox_plays(string codec)
    {
        await PublishAsync(codec: codec);
        await using var viewer = await Firefox.LaunchAsync(Output);
        await CheckPlayingAsync(viewer, codec);
        await viewer.GoToAsync("about:blank");
        await Api.UntilAsync(Stream, state => state.Viewers == 0, Limit);
    }

    [Fact]
    public async Task What_firefox_publishes_firefox_plays()
    {
        await using var publisher = await Firefox.LaunchAsync(Output);
        await GoLiveAsync(publisher, "video/VP8");
        await using var viewer = await Firefox.LaunchAsync(Output);
        await CheckPlayingAsync(viewer, "video/VP8");
    }

    private async Task GoLiveAsync(Firefox firefox, string codec)
    {
        await firefox.GoToAsync($"{Node.Address}/publish?token={await Node.MintAsync("publish", Stream)}");
        await firefox.UntilAsync("(name) => document.querySelector('#stream-name').value === name", Stream);
        await ChooseAsync(firefox, "#height", "360");
        await ChooseAsync(firefox, "#codec", codec);
        await firefox.EvaluateAsync<object?>("() => document.querySelector('#open-devices').click()");
        await firefox.UntilAsync("() => document.querySelector('#preview').videoHeight > 0");
        await firefox.EvaluateAsync<object?>("() => document.querySelector('#go-live').click()");
        await firefox.UntilAsync("() => document.querySelector('#state').textContent === 'Live'");
    }

    private async Task CheckPlayingAsync(Firefox viewer, string codec)
    {
        await viewer.GoToAsync($"{Node.Address}/watch/{Stream}");
        await viewer.UntilAsync($"() => {Player}?.state === 'playing' && {Player}.shadowRoot.querySelector('video.shown').videoWidth > 0");
        var span = await viewer.EvaluateAsync<PlayedSpan>("() => e2e.steady()");
        Assert.True(span.Clean, span.ToString());
        Assert.Equal(codec, span.VideoCodec);
        Assert.Equal("audio/opus", span.AudioCodec);
        Assert.Equal(1, (await Api.GetAsync(Stream)).Viewers);
    }

    private static async Task ChooseAsync(Firefox firefox, string field, string value) => await firefox.EvaluateAsync<object?>("""
        ([field, value]) => {
          const select = document.querySelector(field);
          select.value = value;
          if (select.value !== value) throw new Error(`${field} has no ${value}`);
          for (const type of ['input', 'change']) select.dispatchEvent(new Event(type, { bubbles: true }));
        }
        """, new[] { field, value });
}
