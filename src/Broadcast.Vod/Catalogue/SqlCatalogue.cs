using System.Collections.Concurrent;
using System.Data.Common;
using System.Globalization;
using System.Text.Json;
using Broadcast.Vod.Journal;
using Broadcast.Vod.Recordings;
using Dapper;

namespace Broadcast.Vod.Catalogue;

/// <summary>The catalogue in SQLite or PostgreSQL; both take the same statements.</summary>
internal sealed class SqlCatalogue(CatalogueDatabase database) : ICatalogue
{
    private const string SaveFile =
        """
        INSERT INTO vod_files (recording, name, kind, media_type, start_at, duration, bytes, width, height, title, in_store)
        VALUES (@recording, @name, @kind, @mediaType, @startAt, @duration, @bytes, @width, @height, @title, @inStore)
        ON CONFLICT (recording, name) DO UPDATE SET kind = excluded.kind, media_type = excluded.media_type, start_at = excluded.start_at,
            duration = excluded.duration, bytes = excluded.bytes, width = excluded.width, height = excluded.height, title = excluded.title, in_store = excluded.in_store
        """;

    /// <summary>What was written last of recordings that still change: a hint, for the tables may be others by now.</summary>
    private readonly ConcurrentDictionary<RecordingId, RecordingHistory> _followed = new();

    public Task PrepareAsync(CancellationToken cancellation) => ChangeAsync(async transaction =>
    {
        var connection = transaction.Connection!;
        await database.LockSchemaAsync(transaction);
        await connection.ExecuteAsync("CREATE TABLE IF NOT EXISTS vod_schema (version BIGINT NOT NULL)", transaction: transaction);
        var version = (int)(await connection.QuerySingleOrDefaultAsync<long?>("SELECT MAX(version) FROM vod_schema", transaction: transaction) ?? 0);
        if (version > Schema.Versions.Count)
        {
            throw new InvalidDataException(
                $"The catalogue of recordings was made by a newer version (its tables have version {version}, this program knows {Schema.Versions.Count}). Use that version, or another catalogue.");
        }

        for (; version < Schema.Versions.Count; version++)
        {
            await connection.ExecuteAsync(Schema.Versions[version].Replace("{ID}", database.IdType, StringComparison.Ordinal), transaction: transaction);
            await connection.ExecuteAsync("INSERT INTO vod_schema (version) VALUES (@version)", new { version = version + 1L }, transaction);
        }
    }, cancellation);

    public async Task FollowAsync(RecordingHistory history, CancellationToken cancellation)
    {
        var before = _followed.GetValueOrDefault(history.Id);
        await ChangeAsync(transaction => FollowAsync(transaction, history, before), cancellation);
        if (history.IsStored) _followed.TryRemove(history.Id, out _);
        else _followed[history.Id] = history;
    }

    private static async Task FollowAsync(DbTransaction transaction, RecordingHistory history, RecordingHistory? before)
    {
        var connection = transaction.Connection!;
        var started = history.Started;
        // What a person or a job has done since is not undone: a state goes forward only, and names are the catalogue's own.
        await connection.ExecuteAsync(
            """
            INSERT INTO vod_recordings (id, stream, title, tags, search, state, started, ended, duration, bytes, error, node, trigger_by, continues, width, height)
            VALUES (@id, @stream, '', '', @search, @state, @started, @ended, @duration, @bytes, @error, @node, @trigger, @continues, @width, @height)
            ON CONFLICT (id) DO UPDATE SET
                ended = excluded.ended, duration = excluded.duration, width = excluded.width, height = excluded.height,
                bytes = CASE WHEN vod_recordings.state IN ('Recording', 'Finishing') THEN excluded.bytes ELSE vod_recordings.bytes END,
                error = COALESCE(vod_recordings.error, excluded.error),
                state = CASE WHEN vod_recordings.state = 'Recording' OR (vod_recordings.state = 'Finishing' AND excluded.state = 'Failed')
                    THEN excluded.state ELSE vod_recordings.state END
            """,
            new
            {
                id = history.Id.ToString(),
                stream = started.StreamId,
                search = SearchText(started.StreamId, "", []),
                // Ready comes with its files, below.
                state = (history.State is RecordingState.Ready ? RecordingState.Finishing : history.State).ToString(),
                started = Values.Of(started.At),
                ended = history.EndedAt is { } ended ? Values.Of(ended) : (long?)null,
                duration = Values.Of(history.Duration),
                bytes = history.Bytes,
                error = history.Error,
                node = started.RecorderNode,
                trigger = started.Trigger.ToString(),
                continues = started.Continues?.ToString(),
                width = (long)history.Segments.Select(segment => segment.Width).DefaultIfEmpty().Max(),
                height = (long)history.Segments.Select(segment => segment.Height).DefaultIfEmpty().Max(),
            },
            transaction);

        // A recording of days has thousands of segments and gaps: only what is new of them is written, if the rest is there.
        var (segments, gaps) = (before?.Segments.Count ?? 0, before?.Gaps.Count ?? 0);
        if (before is not null && await CountAsync(transaction, history.Id) != (segments, gaps)) (before, segments, gaps) = (null, 0, 0);
        await connection.ExecuteAsync(
            """
            INSERT INTO vod_segments (recording, number, container, start_at, duration, bytes, end_reason, tracks)
            VALUES (@recording, @number, @container, @startAt, @duration, @bytes, @endReason, @tracks)
            ON CONFLICT (recording, number) DO UPDATE SET duration = excluded.duration, bytes = excluded.bytes, end_reason = excluded.end_reason
            """,
            history.Segments.Where((segment, index) => index >= segments || !ReferenceEquals(segment, before!.Segments[index])).Select(segment => new
            {
                recording = history.Id.ToString(),
                number = (long)segment.Number,
                container = segment.Container.ToString(),
                startAt = Values.Of(segment.Start),
                duration = Values.Of(segment.Duration),
                bytes = segment.Bytes,
                endReason = segment.EndReason?.ToString(),
                tracks = JsonSerializer.Serialize(segment.Tracks, RowJson.Default.IReadOnlyListRecordedTrack),
            }),
            transaction);
        await connection.ExecuteAsync(
            """
            INSERT INTO vod_gaps (recording, number, start_at, duration, missing, reason) VALUES (@recording, @number, @startAt, @duration, @missing, @reason)
            ON CONFLICT (recording, number) DO NOTHING
            """,
            history.Gaps.Skip(gaps).Select((gap, index) => new
            {
                recording = history.Id.ToString(),
                number = (long)(gaps + index),
                startAt = Values.Of(gap.At),
                duration = Values.Of(gap.Duration),
                missing = (long)gap.Missing,
                reason = gap.Reason.ToString(),
            }),
            transaction);
        if (history.Made is { } made && await StateOfAsync(transaction, history.Id) is RecordingState.Finishing)
            await AddFilesAsync(transaction, history.Id, [.. made.Files.Select(file => file with { InStore = history.IsStored })], made.Previews);
    }

    public Task<Recording?> FindAsync(RecordingId id, CancellationToken cancellation) => ReadAsync(connection => FindAsync(connection, null, id), cancellation);

    public Task<RecordingDetails?> GetDetailsAsync(RecordingId id, CancellationToken cancellation) => ReadAsync<RecordingDetails?>(async connection =>
    {
        if (await FindAsync(connection, null, id) is not { } recording) return null;
        var of = new { id = id.ToString() };
        var segments = await connection.QueryAsync<SegmentRow>(
            "SELECT number, container, start_at AS StartAt, duration, bytes, end_reason AS EndReason, tracks FROM vod_segments WHERE recording = @id ORDER BY number", of);
        var gaps = await connection.QueryAsync<GapRow>("SELECT start_at AS StartAt, duration, missing, reason FROM vod_gaps WHERE recording = @id ORDER BY start_at, number", of);
        var files = await connection.QueryAsync<FileRow>($"SELECT {FileRow.Columns} FROM vod_files WHERE recording = @id ORDER BY start_at, name", of);
        var previews = await connection.QueryAsync<PreviewRow>(
            """
            SELECT file, poster, sprites, every, tile_width AS TileWidth, tile_height AS TileHeight, tile_columns AS TileColumns, tile_rows AS TileRows, tiles
            FROM vod_previews WHERE recording = @id ORDER BY file
            """, of);
        return new RecordingDetails(
            recording, [.. segments.Select(row => row.ToSegment())], [.. gaps.Select(row => row.ToGap())], [.. files.Select(row => row.ToFile())],
            [.. previews.Select(row => row.ToPreview())]);
    }, cancellation);

    public Task<StoredFile?> FindFileAsync(RecordingId id, string name, CancellationToken cancellation) => ReadAsync(async connection =>
        (await connection.QuerySingleOrDefaultAsync<FileRow>(
            $"SELECT {FileRow.Columns} FROM vod_files WHERE recording = @id AND name = @name", new { id = id.ToString(), name }))?.ToFile(), cancellation);

    public Task<IReadOnlyList<StoredFile>> ListFilesAsync(RecordingId id, CancellationToken cancellation) => ReadAsync<IReadOnlyList<StoredFile>>(
        async connection => [.. (await connection.QueryAsync<FileRow>(
            $"SELECT {FileRow.Columns} FROM vod_files WHERE recording = @id ORDER BY name", new { id = id.ToString() })).Select(row => row.ToFile())],
        cancellation);

    public Task<IReadOnlyList<Recording>> ListAsync(RecordingQuery query, CancellationToken cancellation) => ReadAsync<IReadOnlyList<Recording>>(async connection =>
    {
        var conditions = new List<string> { query.State is null ? "state <> 'Deleted'" : "state = @state" };
        if (query.Stream is not null) conditions.Add("stream = @stream");
        if (query.Node is not null) conditions.Add("node = @node");
        if (query.After is not null) conditions.Add("id < @after");
        if (!string.IsNullOrWhiteSpace(query.Text)) conditions.Add("search LIKE @text ESCAPE '!'");
        var rows = await connection.QueryAsync<RecordingRow>(
            $"SELECT {RecordingRow.Columns} FROM vod_recordings WHERE {string.Join(" AND ", conditions)} ORDER BY id DESC LIMIT @limit",
            new
            {
                state = query.State?.ToString(),
                stream = query.Stream,
                node = query.Node,
                after = query.After?.ToString(),
                text = $"%{Literal(Folded(query.Text?.Trim() ?? ""))}%",
                limit = (long)query.Limit,
            });
        return [.. rows.Select(row => row.ToRecording())];
    }, cancellation);

    public async Task<Recording?> EditAsync(RecordingId id, string? title, IReadOnlyList<string>? tags, CancellationToken cancellation)
    {
        Recording? edited = null;
        await ChangeAsync(async transaction =>
        {
            if (await FindAsync(transaction.Connection!, transaction, id) is not { } recording) return;
            edited = recording with { Title = title ?? recording.Title, Tags = tags ?? recording.Tags };
            await transaction.Connection!.ExecuteAsync(
                "UPDATE vod_recordings SET title = @title, tags = @tags, search = @search WHERE id = @id",
                new { id = id.ToString(), title = edited.Title, tags = Values.Of(edited.Tags), search = SearchText(edited.Stream, edited.Title, edited.Tags) }, transaction);
        }, cancellation);
        return edited;
    }

    public Task SetStateAsync(RecordingId id, RecordingState state, string? error, CancellationToken cancellation) => ChangeAsync(
        transaction => transaction.Connection!.ExecuteAsync(
            "UPDATE vod_recordings SET state = @state, error = COALESCE(@error, error) WHERE id = @id", new { id = id.ToString(), state = state.ToString(), error }, transaction),
        cancellation);

    public Task SetErrorAsync(RecordingId id, string? error, CancellationToken cancellation) => ChangeAsync(
        transaction => transaction.Connection!.ExecuteAsync("UPDATE vod_recordings SET error = @error WHERE id = @id", new { id = id.ToString(), error }, transaction), cancellation);

    public Task AddFilesAsync(RecordingId id, IReadOnlyList<StoredFile> files, IReadOnlyList<Preview> previews, CancellationToken cancellation) => ChangeAsync(
        async transaction =>
        {
            if (await StateOfAsync(transaction, id) is not (null or RecordingState.Deleted)) await AddFilesAsync(transaction, id, files, previews);
        },
        cancellation);

    public Task AddFileAsync(RecordingId id, StoredFile file, CancellationToken cancellation) => ChangeAsync(async transaction =>
    {
        if (await StateOfAsync(transaction, id) is null) return;
        await transaction.Connection!.ExecuteAsync(SaveFile, Of(id, file), transaction);
        await CountBytesAsync(transaction, id);
    }, cancellation);

    public Task MarkStoredAsync(RecordingId id, string name, CancellationToken cancellation) => ChangeAsync(
        transaction => transaction.Connection!.ExecuteAsync(
            "UPDATE vod_files SET in_store = 1 WHERE recording = @id AND name = @name", new { id = id.ToString(), name }, transaction),
        cancellation);

    public Task RemoveAsync(RecordingId id, CancellationToken cancellation) => RemoveAsync(id, "", cancellation);

    public Task RemoveReturnedAsync(RecordingId id, CancellationToken cancellation) => RemoveAsync(id, " AND state <> 'Deleted'", cancellation);

    public Task SaveJobAsync(Job job, CancellationToken cancellation) => ChangeAsync(
        transaction => transaction.Connection!.ExecuteAsync(
            """
            INSERT INTO vod_jobs (id, recording, stream, kind, state, parameters, progress, created, started, ended, attempts, not_before, error, file, node)
            VALUES (@id, @recording, @stream, @kind, @state, @parameters, @progress, @created, @started, @ended, @attempts, @notBefore, @error, @file, @node)
            ON CONFLICT (id) DO UPDATE SET state = excluded.state, progress = excluded.progress, started = excluded.started, ended = excluded.ended,
                attempts = excluded.attempts, not_before = excluded.not_before, error = excluded.error, file = excluded.file
            """,
            new
            {
                id = job.Id,
                recording = job.Recording.ToString(),
                stream = job.Stream,
                kind = job.Kind.ToString(),
                state = job.State.ToString(),
                parameters = job.Parameters,
                progress = job.Progress,
                created = Values.Of(job.CreatedAt),
                started = job.StartedAt is { } started ? Values.Of(started) : (long?)null,
                ended = job.EndedAt is { } ended ? Values.Of(ended) : (long?)null,
                attempts = (long)job.Attempts,
                notBefore = Values.Of(job.NotBefore),
                error = job.Error,
                file = job.File,
                node = job.Node,
            },
            transaction),
        cancellation);

    public Task<Job?> FindJobAsync(string id, CancellationToken cancellation) => ReadAsync(
        async connection => (await connection.QuerySingleOrDefaultAsync<JobRow>($"SELECT {JobRow.Columns} FROM vod_jobs WHERE id = @id", new { id }))?.ToJob(), cancellation);

    public Task<IReadOnlyList<Job>> ListJobsAsync(RecordingId? recording, JobState? state, int limit, CancellationToken cancellation) => ReadAsync<IReadOnlyList<Job>>(
        async connection =>
        {
            var conditions = (recording is null ? "" : " AND recording = @recording") + (state is null ? "" : " AND state = @state");
            var rows = await connection.QueryAsync<JobRow>(
                $"SELECT {JobRow.Columns} FROM vod_jobs WHERE 1 = 1{conditions} ORDER BY id DESC LIMIT @limit",
                new { recording = recording?.ToString(), state = state?.ToString(), limit = (long)limit });
            return [.. rows.Select(row => row.ToJob())];
        },
        cancellation);

    public Task<IReadOnlyList<Job>> ListOpenJobsAsync(string node, CancellationToken cancellation) => ReadAsync<IReadOnlyList<Job>>(
        async connection => [.. (await connection.QueryAsync<JobRow>(
            $"SELECT {JobRow.Columns} FROM vod_jobs WHERE state IN ('Queued', 'Running') AND node = @node ORDER BY id", new { node })).Select(row => row.ToJob())],
        cancellation);

    private Task RemoveAsync(RecordingId id, string condition, CancellationToken cancellation)
    {
        _followed.TryRemove(id, out _);
        return ChangeAsync(
            transaction => transaction.Connection!.ExecuteAsync($"DELETE FROM vod_recordings WHERE id = @id{condition}", new { id = id.ToString() }, transaction), cancellation);
    }

    private static async Task AddFilesAsync(DbTransaction transaction, RecordingId id, IReadOnlyList<StoredFile> files, IReadOnlyList<Preview> previews)
    {
        var connection = transaction.Connection!;
        await connection.ExecuteAsync(SaveFile, files.Select(file => Of(id, file)), transaction);
        await connection.ExecuteAsync(
            """
            INSERT INTO vod_previews (recording, file, poster, sprites, every, tile_width, tile_height, tile_columns, tile_rows, tiles)
            VALUES (@recording, @file, @poster, @sprites, @every, @tileWidth, @tileHeight, @tileColumns, @tileRows, @tiles)
            ON CONFLICT (recording, file) DO NOTHING
            """,
            previews.Select(preview => new
            {
                recording = id.ToString(),
                file = preview.File,
                poster = preview.Poster,
                sprites = Values.Of(preview.Sprites),
                every = Values.Of(preview.Interval),
                tileWidth = (long)preview.TileWidth,
                tileHeight = (long)preview.TileHeight,
                tileColumns = (long)preview.Columns,
                tileRows = (long)preview.Rows,
                tiles = (long)preview.Tiles,
            }),
            transaction);
        await connection.ExecuteAsync(
            "UPDATE vod_recordings SET state = 'Ready', poster = @poster WHERE id = @id", new { id = id.ToString(), poster = previews.Count > 0 ? previews[0].Poster : null }, transaction);
        await CountBytesAsync(transaction, id);
    }

    private static async Task<(int Segments, int Gaps)> CountAsync(DbTransaction transaction, RecordingId id)
    {
        var (segments, gaps) = await transaction.Connection!.QuerySingleAsync<(long, long)>(
            "SELECT (SELECT COUNT(*) FROM vod_segments WHERE recording = @id), (SELECT COUNT(*) FROM vod_gaps WHERE recording = @id)", new { id = id.ToString() }, transaction);
        return ((int)segments, (int)gaps);
    }

    private static Task<int> CountBytesAsync(DbTransaction transaction, RecordingId id) => transaction.Connection!.ExecuteAsync(
        "UPDATE vod_recordings SET bytes = (SELECT COALESCE(SUM(bytes), 0) FROM vod_files WHERE recording = @id) WHERE id = @id", new { id = id.ToString() }, transaction);

    private static async Task<Recording?> FindAsync(DbConnection connection, DbTransaction? transaction, RecordingId id) =>
        (await connection.QuerySingleOrDefaultAsync<RecordingRow>(
            $"SELECT {RecordingRow.Columns} FROM vod_recordings WHERE id = @id AND state <> 'Deleted'", new { id = id.ToString() }, transaction))?.ToRecording();

    private static async Task<RecordingState?> StateOfAsync(DbTransaction transaction, RecordingId id) =>
        await transaction.Connection!.QuerySingleOrDefaultAsync<string>("SELECT state FROM vod_recordings WHERE id = @id", new { id = id.ToString() }, transaction) is { } state
            ? Enum.Parse<RecordingState>(state) : null;

    private static object Of(RecordingId id, StoredFile file) => new
    {
        recording = id.ToString(),
        name = file.Name,
        kind = file.Kind.ToString(),
        mediaType = file.MediaType,
        startAt = Values.Of(file.Start),
        duration = Values.Of(file.Duration),
        bytes = file.Bytes,
        width = (long)file.Width,
        height = (long)file.Height,
        title = file.Title,
        inStore = file.InStore ? 1L : 0L,
    };

    // SQLite knows upper and lower case of ASCII only, so the text to look through is folded here.
    private static string SearchText(string stream, string title, IReadOnlyList<string> tags) => Folded($"{stream}\n{title}\n{Values.Of(tags)}");

    private static string Folded(string text) => text.ToLower(CultureInfo.InvariantCulture);

    private static string Literal(string text) =>
        text.Replace("!", "!!", StringComparison.Ordinal).Replace("%", "!%", StringComparison.Ordinal).Replace("_", "!_", StringComparison.Ordinal);

    private async Task<T> ReadAsync<T>(Func<DbConnection, Task<T>> read, CancellationToken cancellation)
    {
        try
        {
            await using var connection = await database.OpenAsync(cancellation);
            return await read(connection);
        }
        catch (Exception exception) when (IsAway(exception))
        {
            throw new CatalogueUnavailableException(exception);
        }
    }

    private async Task ChangeAsync(Func<DbTransaction, Task> change, CancellationToken cancellation)
    {
        try
        {
            await using var connection = await database.OpenAsync(cancellation);
            await using var transaction = await connection.BeginTransactionAsync(cancellation);
            await change(transaction);
            await transaction.CommitAsync(cancellation);
        }
        catch (Exception exception) when (IsAway(exception))
        {
            throw new CatalogueUnavailableException(exception);
        }
    }

    // A database that is full, broken or refuses the password is as good as away: an operator mends it, and the work goes on.
    private static bool IsAway(Exception exception) => exception is DbException or TimeoutException or System.Net.Sockets.SocketException or IOException;
}
