using Broadcast.Vod.Catalogue;
using Broadcast.Vod.Jobs;
using Broadcast.Vod.Journal;
using Broadcast.Vod.Recordings;
using Broadcast.Vod.Tests.Fakes;
using Dapper;
using Microsoft.Data.Sqlite;

namespace Broadcast.Vod.Tests.Journal;

public sealed class RestartTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_recording_whose_recorder_was_killed_is_repaired_and_finished(bool isTorn)
    {
        var folder = TestVod.NewFolder();
        var vod = await TestVod.StartAsync(folder: folder);
        var id = vod.Begin();
        vod.Open(id, 1, 0, 10);
        vod.Close(id, 1, 10);
        vod.Open(id, 2, 10, 4);
        var journal = Path.Combine(vod.Spool.FolderOf(id), JournalFile.Name);
        await vod.StopAsync();
        if (isTorn) await File.AppendAllTextAsync(journal, "{\"kind\":\"gap\",\"event\":{\"id\":\"" + id);

        await using var again = await TestVod.StartAsync(folder: folder);
        await again.UntilAsync(async () => await again.Catalogue.FindAsync(id, default) is { State: RecordingState.Ready });
        Assert.Equal([again.Spool.PathOf(id, 2, SegmentContainer.WebM)], again.Workshop.Repaired);
        // The workshop said that three seconds of the open segment are whole.
        Assert.Equal(TimeSpan.FromSeconds(13), (await again.Catalogue.FindAsync(id, default))!.Duration);
        Assert.Equal(2, Assert.Single(again.Workshop.Finished).Segments.Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_recording_that_was_deleted_while_its_node_was_away_does_not_come_back_with_it(bool hasEnded)
    {
        var folder = TestVod.NewFolder();
        var vod = await TestVod.StartAsync(folder: folder);
        var id = vod.Begin();
        vod.Open(id, 1, 0, 10);
        vod.Close(id, 1, 10);
        vod.Workshop.Before = cancellation => Task.Delay(Timeout.Infinite, cancellation);
        if (hasEnded) vod.End(id, 10);
        else vod.Open(id, 2, 10, 4);
        var state = hasEnded ? RecordingState.Finishing : RecordingState.Recording;
        await vod.UntilAsync(async () => await vod.Catalogue.FindAsync(id, default) is { } found && found.State == state);

        // As another node does for an operator, in the catalogue that they share.
        await vod.Catalogue.SetStateAsync(id, RecordingState.Deleted, null, default);
        await vod.StopAsync();

        await using var again = await TestVod.StartAsync(folder: folder);
        await again.UntilAsync(() => !Directory.Exists(again.Spool.FolderOf(id)));
        await again.UntilAsync(async () => (await again.Catalogue.ListAsync(new RecordingQuery(State: RecordingState.Deleted), default)).Count == 0);
        Assert.Equal(404, (int)(await again.SendAsync("GET", $"/vod/{id}/index.json")).StatusCode);
        Assert.Empty(await again.Catalogue.ListAsync(new RecordingQuery(), default));
        Assert.Empty(again.Workshop.Finished);
    }

    [Fact]
    public async Task A_recording_that_was_deleted_while_it_went_on_unseen_goes_when_it_ends()
    {
        await using var vod = await TestVod.StartAsync();
        var id = vod.Begin();
        vod.Open(id, 1, 0, 10);
        await vod.UntilAsync(async () => await vod.Catalogue.FindAsync(id, default) is not null);
        await vod.Catalogue.SetStateAsync(id, RecordingState.Deleted, null, default);
        await vod.TidyAsync();
        vod.Close(id, 1, 10);
        vod.End(id, 10);
        await vod.UntilAsync(() => !Directory.Exists(vod.Spool.FolderOf(id)));
        await vod.UntilAsync(async () => (await vod.Catalogue.ListAsync(new RecordingQuery(State: RecordingState.Deleted), default)).Count == 0);
        Assert.Empty(vod.Workshop.Finished);
    }

    [Fact]
    public async Task An_open_segment_with_nothing_in_it_is_left_out()
    {
        var folder = TestVod.NewFolder();
        var vod = await TestVod.StartAsync(folder: folder);
        var kept = vod.Begin();
        vod.Open(kept, 1, 0, 10);
        vod.Close(kept, 1, 10);
        vod.Open(kept, 2, 10, 0);
        var empty = vod.Begin();
        vod.Open(empty, 1, 0, 0);
        await vod.StopAsync();

        await using var again = await TestVod.StartAsync(folder: folder, workshop: new FakeWorkshop { Repair = null });
        await again.UntilAsync(async () => await again.Catalogue.FindAsync(kept, default) is { State: RecordingState.Ready });
        Assert.Single(Assert.Single(again.Workshop.Finished).Segments);
        var failed = (await again.Catalogue.FindAsync(empty, default))!;
        Assert.Equal(RecordingState.Failed, failed.State);
        Assert.StartsWith("Nothing was recorded", failed.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lost_catalogue_is_made_again_from_the_journals()
    {
        var folder = TestVod.NewFolder();
        var vod = await TestVod.StartAsync(folder: folder);
        var id = await vod.RecordReadyAsync();
        await vod.UntilAsync(() => !vod.Get<JobQueue>().HasOpen(id));
        vod.Time.Advance(TimeSpan.FromMinutes(2));
        await vod.TidyAsync();
        await vod.StopAsync();
        foreach (var file in Directory.GetFiles(Path.Combine(folder, "recordings"), "catalogue.db*")) File.Delete(file);

        await using var again = await TestVod.StartAsync(folder: folder);
        var view = await again.JsonAsync($"/api/v1/recordings/{id}");
        Assert.Equal("ready", view.GetProperty("state").GetString());
        Assert.Equal(200, (int)(await again.SendAsync("GET", $"/vod/{id}/files/part-1.webm")).StatusCode);
        Assert.Empty(again.Workshop.Finished);
    }

    [Fact]
    public async Task Unknown_folders_are_left_alone_and_lost_recordings_are_told()
    {
        var folder = TestVod.NewFolder();
        var vod = await TestVod.StartAsync(folder: folder);
        var id = vod.Begin();
        var spool = vod.Spool;
        await vod.UntilAsync(async () => await vod.Catalogue.FindAsync(id, default) is not null);
        await vod.StopAsync();
        Directory.Delete(spool.FolderOf(id), recursive: true);
        var foreign = Path.Combine(folder, "recordings", "spool", "lost+found");
        var bare = Path.Combine(folder, "recordings", "spool", RecordingId.New(DateTimeOffset.UnixEpoch).ToString());
        foreach (var path in (string[])[foreign, bare])
        {
            Directory.CreateDirectory(path);
            await File.WriteAllTextAsync(Path.Combine(path, "000001.webm"), "x");
        }

        await using var again = await TestVod.StartAsync(folder: folder);
        await again.TidyAsync();
        var lost = (await again.Catalogue.FindAsync(id, default))!;
        Assert.Equal((RecordingState.Failed, "Its files are gone from the disk of the node that recorded it."), (lost.State, lost.Error));
        Assert.True(File.Exists(Path.Combine(foreign, "000001.webm")) && File.Exists(Path.Combine(bare, "000001.webm")));
    }

    [Fact]
    public async Task What_could_not_be_finished_is_tried_again_with_the_next_start()
    {
        var folder = TestVod.NewFolder();
        var vod = await TestVod.StartAsync(folder: folder, workshop: new FakeWorkshop { Before = _ => throw new WorkshopException("FFmpeg is missing.") });
        var id = vod.Record();
        await vod.UntilAsync(async () => await vod.Catalogue.FindAsync(id, default) is { State: RecordingState.Failed, Error: "FFmpeg is missing." });
        await vod.StopAsync();

        await using var again = await TestVod.StartAsync(folder: folder);
        await again.UntilAsync(async () => await again.Catalogue.FindAsync(id, default) is { State: RecordingState.Ready, Error: null });
    }

    [Fact]
    public async Task A_file_that_is_missing_from_the_store_is_told_until_it_is_back()
    {
        var folder = TestVod.NewFolder();
        var vod = await TestVod.StartAsync(folder: folder);
        var id = await vod.RecordReadyAsync();
        await vod.UntilAsync(() => !vod.Get<JobQueue>().HasOpen(id));
        vod.Time.Advance(TimeSpan.FromMinutes(2));
        await vod.TidyAsync();
        await vod.StopAsync();
        var path = Path.Combine(folder, "recordings", "store", id.ToString(), "part-1.webm");
        File.Move(path, path + "~");

        var without = await TestVod.StartAsync(folder: folder);
        await without.TidyAsync();
        Assert.Equal("The file part-1.webm is missing.", (await without.Catalogue.FindAsync(id, default))!.Error);
        Assert.Equal(404, (int)(await without.SendAsync("GET", $"/vod/{id}/files/part-1.webm")).StatusCode);
        await without.StopAsync();

        File.Move(path + "~", path);
        await using var again = await TestVod.StartAsync(folder: folder);
        await again.TidyAsync();
        Assert.Null((await again.Catalogue.FindAsync(id, default))!.Error);
        Assert.Equal(200, (int)(await again.SendAsync("GET", $"/vod/{id}/files/part-1.webm")).StatusCode);
    }

    [Fact]
    public async Task While_the_catalogue_is_locked_recording_goes_on_and_it_catches_up()
    {
        var folder = TestVod.NewFolder();
        await using var vod = await TestVod.StartAsync(folder: folder, database: path => new SqliteDatabase(path, TimeSpan.FromSeconds(1)));
        RecordingId id;
        await using (var other = new SqliteConnection($"Data Source={Path.Combine(folder, "recordings", "catalogue.db")};Pooling=False"))
        {
            await other.OpenAsync();
            await other.ExecuteAsync("BEGIN IMMEDIATE");
            id = vod.Record();
            var events = JournalFile.Read(vod.Spool.FolderOf(id), Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
            Assert.IsType<RecordingEnded>(events[^1]);
            Assert.Null(await vod.Catalogue.FindAsync(id, default));
            // Who knows where it is can play it all the same.
            Assert.Equal("finishing", (await vod.JsonAsync($"/vod/{id}/index.json")).GetProperty("state").GetString());
            Assert.Equal(200, (int)(await vod.SendAsync("GET", $"/vod/{id}/segments/1")).StatusCode);
        }

        await vod.UntilAsync(async () => await vod.Catalogue.FindAsync(id, default) is { State: RecordingState.Ready });
    }

    [Fact]
    public async Task While_the_catalogue_is_locked_a_recording_is_finished_once_and_it_catches_up()
    {
        var folder = TestVod.NewFolder();
        await using var vod = await TestVod.StartAsync(folder: folder, database: path => new SqliteDatabase(path, TimeSpan.FromSeconds(1)));
        var (begun, mayGoOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        vod.Workshop.Before = _ =>
        {
            begun.TrySetResult();
            return mayGoOn.Task;
        };
        var id = vod.Record();
        await vod.UntilAsync(() => begun.Task.IsCompleted);
        RecordingId other;
        await using (var locked = new SqliteConnection($"Data Source={Path.Combine(folder, "recordings", "catalogue.db")};Pooling=False"))
        {
            await locked.OpenAsync();
            await locked.ExecuteAsync("BEGIN EXCLUSIVE");
            mayGoOn.SetResult();
            await vod.UntilAsync(() => vod.Ledger.TryGet(id, out var history) && history.Made is not null);
            other = vod.Record();
            Assert.Equal(RecordingState.Finishing, (await vod.Catalogue.FindAsync(id, default))!.State);
            Assert.Equal(200, (int)(await vod.SendAsync("GET", $"/vod/{id}/segments/1")).StatusCode);
        }

        await vod.UntilStoredAsync(id);
        await vod.UntilStoredAsync(other);
        Assert.Equal(2, vod.Workshop.Finished.Count);
    }

    [Fact]
    public async Task A_node_whose_catalogue_is_away_at_the_start_records_and_answers_503()
    {
        await using var vod = await TestVod.StartAsync(new VodOptions { Catalogue = "postgres://user@127.0.0.1:1/database" }, isReady: false);
        var id = vod.Record();
        Assert.Equal("finishing", (await vod.JsonAsync($"/vod/{id}/index.json")).GetProperty("state").GetString());
        var response = await vod.SendAsync("GET", "/api/v1/recordings");
        Assert.Equal((503, "application/problem+json"), ((int)response.StatusCode, response.Content.Headers.ContentType!.MediaType));
        Assert.NotNull(response.Headers.RetryAfter);
    }
}
