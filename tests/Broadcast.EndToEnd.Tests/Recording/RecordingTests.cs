using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Xunit.Abstractions;

namespace Broadcast.EndToEnd.Tests.Recording;

/// <summary>A browser publishes, somebody asks for a recording, and a file plays.</summary>
public sealed class RecordingTests(Rig rig, ITestOutputHelper output) : EndToEndTest(rig, output)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    [Theory]
    [InlineData("video/H264", "h264", "mp4", "single")]
    [InlineData("video/VP9", "vp9", "webm", "auto")]
    public Task What_a_browser_publishes_becomes_files_that_decode_without_a_complaint(string codec, string name, string ending, string layers) =>
        RecordAsync(codec, name, ending, layers);

    [Theory]
    [Trait("Category", "Long")]
    [InlineData("video/VP8", "vp8", "webm", "single")]
    [InlineData("video/VP9", "vp9", "webm", "single")]
    [InlineData("video/AV1", "av1", "webm", "single")]
    [InlineData("video/VP8", "vp8", "webm", "auto")]
    [InlineData("video/AV1", "av1", "webm", "auto")]
    public Task The_same_of_other_codecs_and_qualities(string codec, string name, string ending, string layers) => RecordAsync(codec, name, ending, layers);

    private async Task RecordAsync(string codec, string name, string ending, string layers)
    {
        await PublishAsync(codec: codec, layers: layers);
        using var client = new HttpClient { BaseAddress = new Uri(Node.Address) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", await Node.MintAsync("operate", "*"));
        var recording = $"/api/v1/streams/{Stream}/recording";
        using var started = await client.PostAsync(recording, null);
        Assert.Equal(System.Net.HttpStatusCode.Created, started.StatusCode);
        var id = (await started.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString()!;

        // Held open, segments can be read even after they have become another file somewhere else.
        var held = new SortedDictionary<string, FileStream>(StringComparer.Ordinal);
        await UntilAsync(async () => Hold(id, held) && await DurationAsync(client, id) >= 10, "the recording does not grow");
        using var stopped = await client.DeleteAsync(recording);
        stopped.EnsureSuccessStatusCode();
        Hold(id, held);
        await UntilAsync(() => Task.FromResult(Node.Log.Contains($"Recording {id} of {Stream} ended", StringComparison.Ordinal)), "the recording does not end");

        var length = 0.0;
        foreach (var (path, file) in held)
        {
            Assert.Equal($".{ending}", Path.GetExtension(path));
            var copy = Path.Combine(Node.Folder, $"{id}-{Path.GetFileName(path)}");
            await using (var kept = File.Create(copy)) await file.CopyToAsync(kept);
            await file.DisposeAsync();
            length += await CheckAsync(copy, name);
        }

        // The upper encodings of a browser begin one after the other, and each of them begins another segment.
        Assert.InRange(held.Count, 1, layers == "single" ? 1 : 3);
        Assert.InRange(length, 9, 60);
    }

    /// <summary>Checks that all of a segment can be played; its length in seconds.</summary>
    private async Task<double> CheckAsync(string path, string name)
    {
        var tracks = await MediaProbe.TracksAsync(path);
        foreach (var track in tracks) Output.WriteLine($"{Path.GetFileName(path)}: {track}");
        Assert.Equal(["opus", name], tracks.Select(track => track.Codec));
        Assert.Equal("", await MediaProbe.DecodeAsync(path));
        var (sound, picture) = (tracks[0], tracks[1]);

        // One picture for each that was recorded, in its largest layer.
        var shown = await MediaProbe.ShownAsync(path);
        Assert.Equal(picture.Frames, shown.Count);
        Assert.Single(shown.Distinct());
        Assert.InRange(picture.First, 0, 0.001);
        Assert.InRange(sound.First, 0, 0.1);
        Assert.InRange(Math.Abs(sound.Last - picture.Last), 0, 0.5);

        // Fifty packets of sound in a second; how many pictures a busy machine encodes is its own affair.
        Assert.InRange(sound.Frames / (sound.Last - sound.First + 0.02), 49, 51);
        Assert.True(picture.Frames > 5 * picture.Last, $"{picture.Frames} pictures");
        return Math.Max(sound.Last, picture.Last);
    }

    private bool Hold(string id, SortedDictionary<string, FileStream> held)
    {
        var folder = new DirectoryInfo(Path.Combine(Node.Folder, "recordings", "spool", id));
        if (!folder.Exists) return false;
        foreach (var file in folder.EnumerateFiles("0*.*"))
        {
            if (!held.ContainsKey(file.FullName)) held.Add(file.FullName, new FileStream(file.FullName, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
        }

        return held.Count > 0;
    }

    private static async Task<double> DurationAsync(HttpClient client, string id) =>
        (await client.GetFromJsonAsync<JsonElement>($"/vod/{id}/index.json")).GetProperty("duration").GetDouble();

    private static async Task UntilAsync(Func<Task<bool>> condition, string problem)
    {
        using var end = new CancellationTokenSource(Limit);
        using var timer = new PeriodicTimer(Interval);
        while (!await condition())
        {
            if (end.IsCancellationRequested) throw new TimeoutException(problem);
            await timer.WaitForNextTickAsync();
        }
    }
}
