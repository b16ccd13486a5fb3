using Broadcast.Signalling.Auth;
using Broadcast.Vod.Catalogue;
using Broadcast.Vod.Jobs;
using Broadcast.Vod.Recordings;
using Broadcast.Vod.Stores;
using Broadcast.Vod.Tests.Fakes;
using Microsoft.Extensions.DependencyInjection;

namespace Broadcast.Vod.Tests.Jobs;

public sealed class JobTests
{
    [Fact]
    public async Task A_recording_becomes_files_in_the_store_and_leaves_the_spool()
    {
        await using var vod = await TestVod.StartAsync();
        var id = await vod.RecordReadyAsync();
        var order = Assert.Single(vod.Workshop.Finished);
        Assert.Equal("live", order.Title);
        Assert.Equal([TimeSpan.Zero, TimeSpan.FromSeconds(10)], order.Segments.Select(segment => segment.Start));
        Assert.Equal(["part-1.webm", "poster.jpg", "sprite-1.jpg"], (await vod.Catalogue.ListFilesAsync(id, default)).Select(file => file.Name));
        await vod.UntilAsync(async () => (await vod.Catalogue.ListJobsAsync(id, null, 10, default)).All(job => job.State is JobState.Done));

        // Segments stay a while for who plays them, then only the journal does.
        Assert.Equal(200, (int)(await vod.SendAsync("GET", $"/vod/{id}/segments/1")).StatusCode);
        await vod.TidyAsync();
        Assert.True(File.Exists(vod.Spool.PathOf(id, 1, SegmentContainer.WebM)));
        vod.Time.Advance(TimeSpan.FromMinutes(2));
        await vod.TidyUntilAsync(() => Directory.GetFileSystemEntries(vod.Spool.FolderOf(id)).Select(Path.GetFileName).SequenceEqual(["journal.jsonl"]));
        Assert.Equal(200, (int)(await vod.SendAsync("GET", $"/vod/{id}/files/part-1.webm")).StatusCode);
    }

    [Fact]
    public async Task A_change_of_format_makes_two_parts_with_pictures_each()
    {
        await using var vod = await TestVod.StartAsync();
        var id = await vod.RecordReadyAsync(second: TestVod.H264);
        Assert.Equal(
            ["part-1-poster.jpg", "part-1-sprite-1.jpg", "part-1.webm", "part-2-poster.jpg", "part-2-sprite-1.jpg", "part-2.mkv"],
            (await vod.Catalogue.ListFilesAsync(id, default)).Select(file => file.Name));
        var index = await vod.JsonAsync($"/vod/{id}/index.json");
        Assert.Equal([0, 10], index.GetProperty("files").EnumerateArray().Select(file => file.GetProperty("start").GetDouble()));
        Assert.Equal(["part-1.webm", "part-2.mkv"], index.GetProperty("previews").EnumerateArray().Select(preview => preview.GetProperty("file").GetString()));
    }

    [Fact]
    public async Task Work_shows_progress_one_piece_at_a_time_and_can_be_cancelled()
    {
        await using var vod = await TestVod.StartAsync();
        var id = await vod.RecordReadyAsync();
        var running = new TaskCompletionSource();
        vod.Workshop.Before = async cancellation =>
        {
            running.TrySetResult();
            await Task.Delay(Timeout.Infinite, cancellation);
        };
        var token = vod.Token(TokenScope.Operate);
        var first = await AddAsync("clips", "{\"from\":1,\"to\":5,\"title\":\"C\"}");
        await running.Task.WaitAsync(TimeSpan.FromSeconds(30));
        var second = await AddAsync("exports", "{\"format\":\"mp4\"}");
        var job = await vod.JsonAsync("/api/v1/jobs/" + first, token);
        Assert.Equal(("clip", "running", 0.25), (job.GetProperty("kind").GetString(), job.GetProperty("state").GetString(), job.GetProperty("progress").GetDouble()));
        Assert.Equal("queued", await StateAsync(second));
        var listed = (await vod.JsonAsync($"/api/v1/jobs?recording={id}&state=running", token)).GetProperty("jobs").EnumerateArray().Single();
        Assert.Equal(first, listed.GetProperty("id").GetString());

        Assert.Equal(204, (int)(await vod.SendAsync("DELETE", "/api/v1/jobs/" + second, token)).StatusCode);
        Assert.Equal("cancelled", await StateAsync(second));
        Assert.Equal(204, (int)(await vod.SendAsync("DELETE", "/api/v1/jobs/" + first, token)).StatusCode);
        await vod.UntilAsync(async () => await StateAsync(first) == "cancelled");
        Assert.Empty(vod.Workshop.Exports);

        async Task<string> AddAsync(string what, string json) =>
            (await TestVod.JsonAsync(await vod.SendAsync("POST", $"/api/v1/recordings/{id}/{what}", token, json))).GetProperty("id").GetString()!;

        async Task<string?> StateAsync(string job) => (await vod.JsonAsync("/api/v1/jobs/" + job, token)).GetProperty("state").GetString();
    }

    [Fact]
    public async Task A_clip_and_an_export_are_made_of_files_in_the_store_and_can_be_played()
    {
        await using var vod = await TestVod.StartAsync();
        var id = await vod.RecordReadyAsync(second: TestVod.H264);
        vod.Time.Advance(TimeSpan.FromMinutes(2));
        await vod.TidyUntilAsync(() => !Directory.Exists(vod.Spool.FinishedFolderOf(id)));
        var token = vod.Token(TokenScope.Operate);
        await vod.SendAsync("POST", $"/api/v1/recordings/{id}/clips", token, "{\"from\":12,\"to\":99,\"title\":\"The end\"}");
        await vod.SendAsync("POST", $"/api/v1/recordings/{id}/exports", token, "{\"format\":\"mkv\",\"video\":\"av1\"}");
        await vod.UntilAsync(() => vod.Workshop.Exports.Count == 1 && !vod.Get<JobQueue>().HasOpen(id));

        var clip = Assert.Single(vod.Workshop.Clips);
        Assert.Equal((TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(10), "The end"), (clip.From, clip.To, clip.Title));
        Assert.EndsWith(".mp4", clip.Output, StringComparison.Ordinal);
        Assert.Equal(ExportVideo.Av1, vod.Workshop.Exports[0].Video);
        Assert.Equal([TimeSpan.Zero, TimeSpan.FromSeconds(10)], vod.Workshop.Exports[0].Paths.Select(path => path.Start));
        var clips = (await vod.JsonAsync($"/vod/{id}/index.json")).GetProperty("clips").EnumerateArray().ToList();
        Assert.Equal(["export", "clip"], clips.Select(each => each.GetProperty("kind").GetString()));
        Assert.Equal(("The end", 12), (clips[1].GetProperty("title").GetString(), clips[1].GetProperty("start").GetDouble()));
        var job = (await vod.JsonAsync($"/api/v1/jobs?recording={id}", token)).GetProperty("jobs").EnumerateArray().First(each => each.GetProperty("kind").GetString() == "clip");
        Assert.Equal(clips[1].GetProperty("url").GetString(), job.GetProperty("file").GetString());
        Assert.Equal("clip", await vod.Client.GetStringAsync(clips[1].GetProperty("url").GetString()));
        // Housekeeping may have been here in the meantime.
        var made = vod.Spool.FinishedFolderOf(id);
        Assert.True(!Directory.Exists(made) || Directory.GetDirectories(made).Length == 0);
    }

    [Fact]
    public async Task What_a_workshop_cannot_do_is_said_at_once_for_a_clip_and_after_some_tries_for_a_recording()
    {
        await using var vod = await TestVod.StartAsync();
        var ready = await vod.RecordReadyAsync();
        vod.Workshop.Before = _ => throw new WorkshopException("The picture is broken.");
        var token = vod.Token(TokenScope.Operate);
        await vod.SendAsync("POST", $"/api/v1/recordings/{ready}/clips", token, "{\"from\":1,\"to\":5}");
        var clip = await EndedAsync(ready, JobKind.Clip);
        Assert.Equal((JobState.Failed, 1, "The picture is broken."), (clip.State, clip.Attempts, clip.Error));
        Assert.Equal(RecordingState.Ready, (await vod.Catalogue.FindAsync(ready, default))!.State);

        var id = vod.Record();
        var finish = await EndedAsync(id, JobKind.Finish);
        Assert.Equal((JobState.Failed, 3), (finish.State, finish.Attempts));
        await vod.UntilAsync(async () => await vod.Catalogue.FindAsync(id, default) is { State: RecordingState.Failed, Error: "The picture is broken." });
        // What was recorded is still there.
        Assert.True(File.Exists(vod.Spool.PathOf(id, 1, SegmentContainer.WebM)));

        async Task<Job> EndedAsync(RecordingId recording, JobKind kind)
        {
            Job? found = null;
            await vod.UntilAsync(async () => (found = (await vod.Catalogue.ListJobsAsync(recording, null, 10, default)).FirstOrDefault(job => job.Kind == kind)) is { IsOver: true });
            return found!;
        }
    }

    [Fact]
    public async Task While_the_store_is_away_files_are_served_from_the_spool_and_nothing_is_lost()
    {
        await using var server = await FakeS3.StartAsync();
        var isAway = true;
        server.Fail = _ => isAway ? 503 : null;
        var folder = TestVod.NewFolder();
        var secret = Path.Combine(folder, "secret");
        await File.WriteAllTextAsync(secret, "secret\n");
        await using var vod = await TestVod.StartAsync(
            folder: folder, options: new VodOptions { Store = "s3://bucket/vod", S3Endpoint = server.Address.AbsoluteUri, S3AccessKey = "key", S3SecretKeyFile = secret });
        var id = vod.Record();
        await vod.UntilAsync(async () => await vod.Catalogue.FindAsync(id, default) is { State: RecordingState.Ready });
        await vod.UntilAsync(async () => (await vod.Catalogue.ListJobsAsync(id, null, 10, default)).Any(job => job is { Kind: JobKind.Upload, Error: not null }));
        vod.Time.Advance(TimeSpan.FromMinutes(5));
        await vod.TidyAsync();
        Assert.Equal(206, (int)(await vod.SendAsync("GET", $"/vod/{id}/files/part-1.webm", headers: ("Range", "bytes=150-"))).StatusCode);
        Assert.Empty(server.Objects);

        isAway = false;
        await vod.UntilStoredAsync(id);
        vod.Time.Advance(TimeSpan.FromMinutes(5));
        await vod.TidyUntilAsync(() => !Directory.Exists(vod.Spool.FinishedFolderOf(id)));
        Assert.Equal("video/webm; codecs=\"vp8, opus\"", server.Objects[$"/bucket/vod/{id}/part-1.webm"].Type);
        var response = await vod.SendAsync("GET", $"/vod/{id}/files/part-1.webm", headers: ("Range", "bytes=150-159"));
        Assert.Equal(TestVod.Bytes(2, 100)[50..60], await response.Content.ReadAsByteArrayAsync());

        isAway = true;
        var away = await vod.SendAsync("GET", $"/vod/{id}/files/part-1.webm");
        Assert.Equal((503, "application/problem+json"), ((int)away.StatusCode, away.Content.Headers.ContentType!.MediaType));
        Assert.Null(away.Headers.ETag);

        // Deleted at once for people, and from the store when it is back.
        Assert.Equal(204, (int)(await vod.SendAsync("DELETE", $"/api/v1/recordings/{id}", vod.Token(TokenScope.Operate))).StatusCode);
        Assert.Equal(404, (int)(await vod.SendAsync("GET", $"/vod/{id}/index.json")).StatusCode);
        isAway = false;
        await vod.TidyAsync();
        Assert.Empty(server.Objects);
        Assert.Empty(await vod.Catalogue.ListAsync(new RecordingQuery(State: RecordingState.Deleted), default));
    }

    [Fact]
    public async Task Jobs_that_were_cut_short_begin_again_with_the_node()
    {
        var folder = TestVod.NewFolder();
        var vod = await TestVod.StartAsync(folder: folder);
        var id = await vod.RecordReadyAsync();
        var running = new TaskCompletionSource();
        vod.Workshop.Before = async cancellation =>
        {
            running.TrySetResult();
            await Task.Delay(Timeout.Infinite, cancellation);
        };
        await vod.SendAsync("POST", $"/api/v1/recordings/{id}/clips", vod.Token(TokenScope.Operate), "{\"from\":1,\"to\":5}");
        await running.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await vod.StopAsync();

        await using var again = await TestVod.StartAsync(folder: folder);
        await again.UntilAsync(() => again.Workshop.Clips.Count == 1 && !again.Get<JobQueue>().HasOpen(id));
        Assert.Single((await again.JsonAsync($"/vod/{id}/index.json")).GetProperty("clips").EnumerateArray());
    }
}
