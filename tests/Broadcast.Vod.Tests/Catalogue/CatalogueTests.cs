using Broadcast.Grains.Tests.Servers;
using Broadcast.Signalling.Api;
using Broadcast.Signalling.Auth;
using Broadcast.Vod.Catalogue;
using Broadcast.Vod.Jobs;
using Broadcast.Vod.Journal;
using Broadcast.Vod.Recordings;
using Broadcast.Vod.Tests.Fakes;
using Dapper;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Broadcast.Vod.Tests.Catalogue;

/// <summary>What holds for both databases.</summary>
public abstract class CatalogueTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    /// <summary>Each on empty tables.</summary>
    private protected abstract Task<CatalogueDatabase> EmptyAsync();

    [Fact]
    public async Task All_that_a_journal_tells_is_kept()
    {
        var catalogue = await PreparedAsync();
        var history = History();
        await catalogue.FollowAsync(history, default);
        await catalogue.FollowAsync(history, default);
        var details = (await catalogue.GetDetailsAsync(history.Id, default))!;
        Assert.Equal(
            ("live", RecordingState.Finishing, Now, Now.AddSeconds(20), TimeSpan.FromSeconds(20), 250L, "a", RecordingTrigger.Request, 1280, 720),
            (details.Recording.Stream, details.Recording.State, details.Recording.StartedAt, details.Recording.EndedAt!.Value, details.Recording.Duration, details.Recording.Bytes,
                details.Recording.Node, details.Recording.Trigger, details.Recording.Width, details.Recording.Height));
        Assert.Equal(history.Started.Continues, details.Recording.Continues);
        Assert.Equal(history.Segments.Select(segment => segment with { Tracks = [] }), details.Segments.Select(segment => segment with { Tracks = [] }));
        Assert.Equal(history.Segments.SelectMany(segment => segment.Tracks), details.Segments.SelectMany(segment => segment.Tracks));
        Assert.Equal(history.Gaps, details.Gaps);
    }

    [Fact]
    public async Task A_state_goes_forward_and_names_are_kept()
    {
        var catalogue = await PreparedAsync();
        var history = History();
        await catalogue.FollowAsync(history, default);
        await catalogue.EditAsync(history.Id, "Title", ["a", "b"], default);
        await catalogue.AddFilesAsync(history.Id, [Part], [Pictures], default);
        await catalogue.FollowAsync(history, default);
        var details = (await catalogue.GetDetailsAsync(history.Id, default))!;
        Assert.Equal((RecordingState.Ready, "Title", 1000L, "poster.jpg"), (details.Recording.State, details.Recording.Title, details.Recording.Bytes, details.Recording.Poster));
        Assert.Equal(["a", "b"], details.Recording.Tags);
        Assert.Equal([Part], details.Files);
        Assert.Equal(Pictures.Sprites, details.Previews.Single().Sprites);
        Assert.Equal(Pictures with { Sprites = [] }, details.Previews.Single() with { Sprites = [] });

        await catalogue.SetStateAsync(history.Id, RecordingState.Deleted, null, default);
        await catalogue.FollowAsync(history, default);
        await catalogue.AddFilesAsync(history.Id, [Part], [], default);
        Assert.Null(await catalogue.FindAsync(history.Id, default));
        Assert.Empty(await catalogue.ListAsync(new RecordingQuery(), default));
        Assert.Single(await catalogue.ListAsync(new RecordingQuery(State: RecordingState.Deleted), default));
    }

    [Fact]
    public async Task A_lost_catalogue_is_made_again_from_journals_with_files()
    {
        var catalogue = await PreparedAsync();
        var history = History();
        history = history.With(new FilesMade(history.Id, [Part], [Pictures]), Now).With(new FilesStored(history.Id), Now);
        await catalogue.FollowAsync(history, default);
        Assert.Equal(RecordingState.Ready, (await catalogue.FindAsync(history.Id, default))!.State);
        Assert.Equal(Part with { InStore = true }, await catalogue.FindFileAsync(history.Id, Part.Name, default));
    }

    [Fact]
    public async Task Files_are_added_marked_and_removed_with_their_recording()
    {
        var catalogue = await PreparedAsync();
        var history = History();
        await catalogue.FollowAsync(history, default);
        await catalogue.AddFilesAsync(history.Id, [Part], [], default);
        await catalogue.AddFileAsync(history.Id, Part with { Name = "clip-1.webm", Kind = FileKind.Clip, Bytes = 500, Title = "T" }, default);
        Assert.Equal(1500, (await catalogue.FindAsync(history.Id, default))!.Bytes);
        await catalogue.MarkStoredAsync(history.Id, "clip-1.webm", default);
        Assert.True((await catalogue.FindFileAsync(history.Id, "clip-1.webm", default))!.InStore);
        Assert.False((await catalogue.FindFileAsync(history.Id, Part.Name, default))!.InStore);
        Assert.Null(await catalogue.FindFileAsync(history.Id, "part-9.webm", default));
        await catalogue.RemoveAsync(history.Id, default);
        Assert.Empty(await catalogue.ListFilesAsync(history.Id, default));
    }

    [Fact]
    public async Task What_late_news_brought_back_is_removed_but_not_what_still_has_files_in_the_store()
    {
        var catalogue = await PreparedAsync();
        var history = History();
        await catalogue.FollowAsync(history, default);
        await catalogue.AddFilesAsync(history.Id, [Part], [], default);
        await catalogue.SetStateAsync(history.Id, RecordingState.Deleted, null, default);
        await catalogue.FollowAsync(history, default);
        await catalogue.RemoveReturnedAsync(history.Id, default);
        Assert.Equal(history.Id, Assert.Single(await catalogue.ListAsync(new RecordingQuery(State: RecordingState.Deleted), default)).Id);
        Assert.Single(await catalogue.ListFilesAsync(history.Id, default));

        await catalogue.RemoveAsync(history.Id, default);
        await catalogue.FollowAsync(history, default);
        Assert.NotNull(await catalogue.FindAsync(history.Id, default));
        await catalogue.RemoveReturnedAsync(history.Id, default);
        Assert.Null(await catalogue.FindAsync(history.Id, default));
    }

    [Fact]
    public async Task Jobs_are_kept_with_all_that_changes()
    {
        var catalogue = await PreparedAsync();
        var id = RecordingId.New(Now);
        var job = new Job(
            RecordingId.New(Now).ToString(), id, "live", JobKind.Clip, JobState.Queued, "{\"from\":1}", 0, Now, null, null, 0, Now.AddSeconds(1), null, null, "a");
        await catalogue.SaveJobAsync(job, default);
        Assert.Equal(job, await catalogue.FindJobAsync(job.Id, default));
        Assert.Equal([job], await catalogue.ListOpenJobsAsync("a", default));
        Assert.Empty(await catalogue.ListOpenJobsAsync("b", default));
        var done = job with { State = JobState.Done, Progress = 1, StartedAt = Now, EndedAt = Now.AddSeconds(9), Attempts = 2, File = "clip.webm", Error = "It was slow." };
        await catalogue.SaveJobAsync(done, default);
        Assert.Equal([done], await catalogue.ListJobsAsync(id, JobState.Done, 10, default));
        Assert.Empty(await catalogue.ListJobsAsync(id, JobState.Queued, 10, default));
        Assert.Empty(await catalogue.ListOpenJobsAsync("a", default));
    }

    [Fact]
    public async Task Tables_are_made_once_by_whoever_comes_first_and_a_newer_version_is_refused()
    {
        var database = await EmptyAsync();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => new SqlCatalogue(database).PrepareAsync(default))));
        await using (var connection = await database.OpenAsync(default))
        {
            Assert.Equal(Schema.Versions.Count, await connection.QuerySingleAsync<long>("SELECT COUNT(*) FROM vod_schema"));
            await connection.ExecuteAsync("INSERT INTO vod_schema (version) VALUES (1000)");
        }

        var refused = await Assert.ThrowsAsync<InvalidDataException>(() => new SqlCatalogue(database).PrepareAsync(default));
        Assert.Contains("newer version", refused.Message, StringComparison.Ordinal);
    }

    private static StoredFile Part { get; } = new("part-1.webm", FileKind.Part, "video/webm", TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(19.000_001), 1000, 1280, 720);

    private static Preview Pictures { get; } = new("part-1.webm", "poster.jpg", ["sprite-1.jpg", "sprite-2.jpg"], TimeSpan.FromSeconds(5), 160, 90, 10, 11, 120);

    private static RecordingHistory History()
    {
        var id = RecordingId.New(Now);
        return RecordingHistory.Of(
            [
                new RecordingStarted(id, "live", Now, RecordingTrigger.Request, "a", RecordingId.New(Now)),
                new SegmentOpened(id, 1, SegmentContainer.WebM, TimeSpan.Zero, TestVod.Vp8), new SegmentClosed(id, 1, TimeSpan.FromSeconds(9.5), 100, SegmentEndReason.FormatChanged),
                new GapDeclared(id, TimeSpan.FromSeconds(9.5), TimeSpan.FromSeconds(0.5), MissingMedia.Audio | MissingMedia.Video, GapReason.PublisherAway),
                new SegmentOpened(id, 2, SegmentContainer.Matroska, TimeSpan.FromSeconds(10), TestVod.H264), new SegmentClosed(id, 2, TimeSpan.FromSeconds(10), 150, SegmentEndReason.Ended),
                new RecordingEnded(id, TimeSpan.FromSeconds(20), RecordingEndReason.Requested),
            ],
            Now.AddSeconds(20))!;
    }

    private async Task<SqlCatalogue> PreparedAsync()
    {
        var catalogue = new SqlCatalogue(await EmptyAsync());
        await catalogue.PrepareAsync(default);
        return catalogue;
    }
}

public sealed class SqliteCatalogueTests : CatalogueTests, IDisposable
{
    private readonly string _folder = TestVod.NewFolder();

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_locked_file_is_said_to_be_away_and_works_again()
    {
        var path = Path.Combine(_folder, "locked.db");
        var catalogue = new SqlCatalogue(new SqliteDatabase(path, TimeSpan.FromSeconds(1)));
        await catalogue.PrepareAsync(default);
        await using (var other = new SqliteConnection($"Data Source={path};Pooling=False"))
        {
            await other.OpenAsync();
            await other.ExecuteAsync("BEGIN IMMEDIATE");
            await Assert.ThrowsAsync<CatalogueUnavailableException>(() => catalogue.RemoveAsync(RecordingId.New(DateTimeOffset.UnixEpoch), default));
            // Readers do not wait for a writer.
            Assert.Empty(await catalogue.ListAsync(new RecordingQuery(), default));
        }

        await catalogue.RemoveAsync(RecordingId.New(DateTimeOffset.UnixEpoch), default);
    }

    [Fact]
    public async Task Each_event_writes_only_what_it_changes_of_segments_and_gaps()
    {
        const int Count = 40;
        var path = Path.Combine(_folder, "writes.db");
        var catalogue = new SqlCatalogue(new SqliteDatabase(path));
        await catalogue.PrepareAsync(default);
        await using var look = new SqliteConnection($"Data Source={path};Pooling=False");
        await look.OpenAsync();
        await look.ExecuteAsync(
            """
            CREATE TABLE writes (number BIGINT);
            CREATE TRIGGER a AFTER INSERT ON vod_segments BEGIN INSERT INTO writes VALUES (NEW.number); END;
            CREATE TRIGGER b AFTER UPDATE ON vod_segments BEGIN INSERT INTO writes VALUES (NEW.number); END;
            CREATE TRIGGER c AFTER INSERT ON vod_gaps BEGIN INSERT INTO writes VALUES (NEW.number); END;
            """);

        // :: Step 1: three events of each segment are three rows
        var id = RecordingId.New(DateTimeOffset.UnixEpoch);
        var history = RecordingHistory.Of([new RecordingStarted(id, "live", DateTimeOffset.UnixEpoch, RecordingTrigger.Policy, "a")], default)!;
        for (var number = 1; number <= Count; number++)
        {
            var start = TimeSpan.FromSeconds(10 * number);
            RecordingEvent[] events =
            [
                new SegmentOpened(id, number, SegmentContainer.WebM, start, TestVod.Vp8),
                new GapDeclared(id, start, TimeSpan.FromSeconds(1), MissingMedia.Video, GapReason.Lost),
                new SegmentClosed(id, number, TimeSpan.FromSeconds(9), 90, SegmentEndReason.Length),
            ];
            foreach (var what in events) await catalogue.FollowAsync(history = history.With(what, default), default);
        }

        Assert.Equal(3 * Count, await look.QuerySingleAsync<int>("SELECT COUNT(*) FROM writes"));
        var details = (await catalogue.GetDetailsAsync(id, default))!;
        Assert.Equal(history.Segments.Select(segment => segment with { Tracks = [] }), details.Segments.Select(segment => segment with { Tracks = [] }));
        Assert.Equal(history.Gaps, details.Gaps);

        // :: Step 2: what is gone from the tables comes back
        await look.ExecuteAsync("DELETE FROM vod_segments WHERE number = 5; DELETE FROM vod_gaps");
        await catalogue.FollowAsync(history, default);
        details = (await catalogue.GetDetailsAsync(id, default))!;
        Assert.Equal((Count, Count), (details.Segments.Count, details.Gaps.Count));
        await catalogue.RemoveAsync(id, default);
        await catalogue.FollowAsync(history, default);
        Assert.Equal(Count, (await catalogue.GetDetailsAsync(id, default))!.Segments.Count);
    }

    private protected override Task<CatalogueDatabase> EmptyAsync() => Task.FromResult<CatalogueDatabase>(new SqliteDatabase(Path.Combine(_folder, "deep", "catalogue.db")));
}

public sealed class PostgresCatalogueTests(PostgresServer server) : CatalogueTests, IClassFixture<PostgresServer>
{
    [Fact]
    public async Task A_server_that_is_away_is_said_to_be()
    {
        var catalogue = new SqlCatalogue(new PostgresDatabase(NpgsqlDataSource.Create("Host=127.0.0.1;Port=1;Username=u;Database=d;Timeout=2")));
        await Assert.ThrowsAsync<CatalogueUnavailableException>(() => catalogue.ListAsync(new RecordingQuery(), default));
    }

    [Fact]
    public async Task Nodes_share_what_was_recorded_and_the_work_goes_to_the_one_that_has_the_files()
    {
        var address = await NewDatabaseAsync();
        var store = TestVod.NewFolder();
        await using var a = await TestVod.StartAsync(new VodOptions { Catalogue = address, Store = store });
        await using var b = await TestVod.StartAsync(new VodOptions { Catalogue = address, Store = store }, services => services.AddSingleton(new NodeIdentity("b")));
        var id = await a.RecordReadyAsync();
        var operate = b.Token(TokenScope.Operate);

        // :: Step 1: found and played by the other node
        Assert.Equal(200, (int)(await b.SendAsync("PATCH", $"/api/v1/recordings/{id}", operate, "{\"title\":\"Äpfel\",\"tags\":[\"x\"]}")).StatusCode);
        var listed = (await b.JsonAsync("/api/v1/recordings?q=äpf&stream=live&state=ready&limit=1")).GetProperty("recordings").EnumerateArray().Single();
        Assert.Equal((id.ToString(), "a"), (listed.GetProperty("id").GetString(), listed.GetProperty("node").GetString()));
        Assert.Equal(200, (await b.Client.GetByteArrayAsync($"/vod/{id}/files/part-1.webm")).Length);

        // :: Step 2: a clip that is wanted there is cut here
        Assert.Equal(202, (int)(await b.SendAsync("POST", $"/api/v1/recordings/{id}/clips", operate, "{\"from\":1,\"to\":5}")).StatusCode);
        await a.UntilAsync(async () => (await b.JsonAsync($"/vod/{id}/index.json")).GetProperty("clips").GetArrayLength() == 1);
        Assert.Single(a.Workshop.Clips);
        Assert.Empty(b.Workshop.Clips);

        // :: Step 3: one that is cancelled there ends here
        var running = new TaskCompletionSource();
        a.Workshop.Before = async cancellation =>
        {
            running.TrySetResult();
            await Task.Delay(Timeout.Infinite, cancellation);
        };
        var job = (await TestVod.JsonAsync(await b.SendAsync("POST", $"/api/v1/recordings/{id}/exports", operate, "{\"format\":\"mp4\"}"))).GetProperty("id").GetString()!;
        await a.UntilAsync(() => running.Task.IsCompleted);
        Assert.Equal(204, (int)(await b.SendAsync("DELETE", "/api/v1/jobs/" + job, operate)).StatusCode);
        await a.UntilAsync(() => !a.Get<JobQueue>().HasOpen(id));
        Assert.Equal(JobState.Cancelled, (await a.Catalogue.FindJobAsync(job, default))!.State);

        // :: Step 4: deleted there at once, and from this disk in a while
        Assert.Equal(204, (int)(await b.SendAsync("DELETE", $"/api/v1/recordings/{id}", operate)).StatusCode);
        Assert.Equal(404, (int)(await b.SendAsync("GET", $"/api/v1/recordings/{id}")).StatusCode);
        await a.TidyAsync();
        Assert.False(Directory.Exists(a.Spool.FolderOf(id)));
        Assert.Empty(Directory.GetFileSystemEntries(store));
        Directory.Delete(store);
    }

    private protected override async Task<CatalogueDatabase> EmptyAsync()
    {
        Assert.True(PostgresAddress.TryParse(await NewDatabaseAsync(), out var connection));
        return new PostgresDatabase(NpgsqlDataSource.Create(connection));
    }

    private async Task<string> NewDatabaseAsync()
    {
        Assert.True(PostgresAddress.TryParse(server.Url, out var connection));
        var name = "d" + Guid.NewGuid().ToString("N");
        await using var admin = NpgsqlDataSource.Create(connection);
        await admin.CreateCommand($"CREATE DATABASE {name}").ExecuteNonQueryAsync();
        return server.Url[..(server.Url.LastIndexOf('/') + 1)] + name;
    }
}
