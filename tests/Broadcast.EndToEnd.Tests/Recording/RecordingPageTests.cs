using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Broadcast.EndToEnd.Tests.Browsers;
using Xunit.Abstractions;

namespace Broadcast.EndToEnd.Tests.Recording;

/// <summary>Recordings as people meet them: a switch on the publish page, a way back on the watch page, the pages of recordings.</summary>
public sealed class RecordingPageTests(Rig rig, ITestOutputHelper output) : EndToEndTest(rig, output)
{
    private const string Player = "document.querySelector('recording-player')";
    private const double BehindLive = 5;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    [Theory]
    [InlineData("video/VP8")]
    [InlineData("video/H264")]
    public Task A_broadcast_recorded_by_its_page_is_watched_while_it_grows_and_as_a_file_when_it_has_ended(string codec) => RecordAndWatchAsync(codec);

    [Theory]
    [Trait("Category", "Long")]
    [InlineData("video/VP9")]
    [InlineData("video/AV1")]
    public Task The_same_with_other_codecs(string codec) => RecordAndWatchAsync(codec);

    [Fact]
    public async Task Who_watches_live_goes_back_in_what_is_recorded_and_to_live_again()
    {
        await PublishAsync(layers: "single");
        using var client = await OperatorAsync();
        (await client.PostAsync($"/api/v1/streams/{Stream}/recording", null)).EnsureSuccessStatusCode();
        var viewer = await WatchAsync();
        await viewer.UntilAsync("() => !document.querySelector('#rewind').hidden");
        await viewer.Page.ClickAsync("#rewind");
        await viewer.UntilAsync($"() => {Player}?.duration > 0");
        var from = await PositionAsync(viewer);
        await UntilPlayedAsync(viewer, from + 1);
        Assert.False(await viewer.EvaluateAsync<bool>("() => document.querySelector('broadcast-player').checkVisibility()"));
        await viewer.Page.ClickAsync("recording-player .live");
        await WatchPage.UntilPlayingAsync(viewer);
        Assert.Equal(0, await viewer.EvaluateAsync<int>("() => document.querySelectorAll('recording-player').length"));
    }

    [Fact]
    public async Task An_operator_names_a_recording_and_cuts_a_clip_of_it()
    {
        await PublishAsync(layers: "single");
        using var client = await OperatorAsync();
        using var started = await client.PostAsync($"/api/v1/streams/{Stream}/recording", null);
        var id = (await started.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString()!;
        await UntilAsync(client, id, recording => recording.GetProperty("duration").GetDouble() > 8);
        (await client.DeleteAsync($"/api/v1/streams/{Stream}/recording")).EnsureSuccessStatusCode();
        await UntilAsync(client, id, recording => recording.GetProperty("state").GetString() == "ready");

        var page = await OpenAsync();
        await page.GoToAsync($"/vod/{id}?token={await Node.MintAsync("operate", "*")}");
        await page.Page.FillAsync("#new-title", "A <b>bold</b> name");
        await page.Page.FillAsync("#new-tags", "talk, test");
        await page.Page.ClickAsync("#naming [type=submit]");
        await page.UntilAsync("() => document.querySelector('h1').textContent === 'A <b>bold</b> name' && document.querySelectorAll('#tags li').length === 2");
        await page.Page.ClickAsync("#tools details:first-of-type summary");
        await page.Page.FillAsync("#from", "0:02");
        await page.Page.FillAsync("#to", "0:05.5");
        await page.Page.FillAsync("#clip-title", "Three seconds");
        await page.Page.ClickAsync("#cutting [type=submit]");
        await page.UntilAsync("() => document.querySelector('#clips a')?.textContent === 'Three seconds'", seconds: 60);

        var url = await page.EvaluateAsync<string>("() => document.querySelector('#clips a').getAttribute('href').split('?')[0]");
        var path = Path.Combine(Node.Folder, "clip.webm");
        await File.WriteAllBytesAsync(path, await client.GetByteArrayAsync(url));
        Assert.Equal("", await MediaProbe.DecodeAsync(path));

        // It may begin earlier, at a keyframe, and ends where it was told.
        Assert.All(await MediaProbe.TracksAsync(path), track => Assert.InRange(track.Last - track.First, 3, 6));
    }

    private async Task RecordAndWatchAsync(string codec)
    {
        var publisher = await PublishAsync(codec: codec, layers: "single");
        await publisher.Page.CheckAsync("#record input");
        await publisher.UntilAsync("() => document.querySelector('#record .hint').textContent === 'It is being recorded.'");

        // :: While it grows
        var viewer = await OpenAsync();
        await viewer.GoToAsync("/vod?q=" + Stream);
        await viewer.UntilAsync("() => document.querySelector('.recording .badge.live:not([hidden])')?.textContent === 'Recording'");
        await viewer.Page.ClickAsync(".recording");
        await viewer.UntilAsync($"() => {Player}?.duration > 8");
        await viewer.EvaluateAsync<object?>($"() => {Player}.play()");
        await UntilPlayedAsync(viewer, 1);
        await viewer.Page.ClickAsync("recording-player .live");
        await viewer.UntilAsync($"() => {Player}.position > 6");
        await UntilPlayedAsync(viewer, await PositionAsync(viewer) + 2);
        using var client = await OperatorAsync();
        var index = await client.GetFromJsonAsync<JsonElement>(await IndexAsync(viewer));
        var behind = (DateTimeOffset.UtcNow - index.GetProperty("startedAt").GetDateTimeOffset()).TotalSeconds - await PositionAsync(viewer);
        Output.WriteLine($"{behind:F1} s behind live");
        Assert.InRange(behind, 0, BehindLive);
        await viewer.EvaluateAsync<object?>($"() => {{ {Player}.seek(2); }}");
        await UntilPlayedAsync(viewer, 3, below: 5);

        // :: When it has ended; who watches goes on
        await publisher.Page.UncheckAsync("#record input");
        await viewer.UntilAsync($"() => {Player}.timeline.index.state === 'ready'", seconds: 60);
        await viewer.UntilAsync($"() => {Player}.shadowRoot.querySelector('video').currentSrc.includes('/files/part-1.')");
        var length = await viewer.EvaluateAsync<double>($"() => {Player}.duration");
        await viewer.EvaluateAsync<object?>($"() => {{ {Player}.seek({length - 3}); {Player}.play(); }}");
        await UntilPlayedAsync(viewer, length - 2);
        Assert.Equal(360, await viewer.EvaluateAsync<int>($"() => {Player}.shadowRoot.querySelector('video').videoHeight"));
        await viewer.UntilAsync("() => document.querySelector('#downloads a')?.textContent.startsWith('Download')");
    }

    private static Task<double> PositionAsync(Tab tab) => tab.EvaluateAsync<double>($"() => {Player}.position");

    private static Task<string> IndexAsync(Tab tab) => tab.EvaluateAsync<string>($"() => {Player}.getAttribute('src')");

    /// <summary>Waits until the picture has come to a position by playing.</summary>
    private static Task UntilPlayedAsync(Tab tab, double position, double below = double.MaxValue) => tab.UntilAsync(
        $"([from, below]) => {{ const video = {Player}.shadowRoot.querySelector('video'); return !video.paused && video.videoWidth > 0 && {Player}.position > from && {Player}.position < below; }}",
        new[] { position, Math.Min(below, 1e9) });

    private async Task<HttpClient> OperatorAsync()
    {
        var client = new HttpClient { BaseAddress = new Uri(Node.Address) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", await Node.MintAsync("operate", "*"));
        return client;
    }

    private static async Task UntilAsync(HttpClient client, string id, Func<JsonElement, bool> wanted)
    {
        using var end = new CancellationTokenSource(Limit);
        using var timer = new PeriodicTimer(Interval);
        while (!wanted(await client.GetFromJsonAsync<JsonElement>($"/api/v1/recordings/{id}"))) await timer.WaitForNextTickAsync(end.Token);
    }
}
