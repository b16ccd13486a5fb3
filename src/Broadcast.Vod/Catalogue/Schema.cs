namespace Broadcast.Vod.Catalogue;

/// <summary>The tables, version by version; a version that was released is never changed. Times are milliseconds since 1970, positions microseconds.</summary>
internal static class Schema
{
    /// <summary>Counts the versions from 1; {ID} stands for the type of an id.</summary>
    public static readonly IReadOnlyList<string> Versions =
    [
        """
        CREATE TABLE vod_recordings (
            id {ID} PRIMARY KEY, stream TEXT NOT NULL, title TEXT NOT NULL, tags TEXT NOT NULL, search TEXT NOT NULL, state TEXT NOT NULL,
            started BIGINT NOT NULL, ended BIGINT, duration BIGINT NOT NULL, bytes BIGINT NOT NULL, error TEXT,
            node TEXT NOT NULL, trigger_by TEXT NOT NULL, continues TEXT, width BIGINT NOT NULL, height BIGINT NOT NULL, poster TEXT);
        CREATE INDEX vod_recordings_by_stream ON vod_recordings (stream, id);
        CREATE TABLE vod_segments (
            recording {ID} NOT NULL REFERENCES vod_recordings (id) ON DELETE CASCADE, number BIGINT NOT NULL, container TEXT NOT NULL,
            start_at BIGINT NOT NULL, duration BIGINT NOT NULL, bytes BIGINT NOT NULL, end_reason TEXT, tracks TEXT NOT NULL,
            PRIMARY KEY (recording, number));
        CREATE TABLE vod_gaps (
            recording {ID} NOT NULL REFERENCES vod_recordings (id) ON DELETE CASCADE, number BIGINT NOT NULL, start_at BIGINT NOT NULL,
            duration BIGINT NOT NULL, missing BIGINT NOT NULL, reason TEXT NOT NULL, PRIMARY KEY (recording, number));
        CREATE TABLE vod_files (
            recording {ID} NOT NULL REFERENCES vod_recordings (id) ON DELETE CASCADE, name TEXT NOT NULL, kind TEXT NOT NULL,
            media_type TEXT NOT NULL, start_at BIGINT NOT NULL, duration BIGINT NOT NULL, bytes BIGINT NOT NULL, width BIGINT NOT NULL,
            height BIGINT NOT NULL, title TEXT NOT NULL, in_store BIGINT NOT NULL, PRIMARY KEY (recording, name));
        CREATE TABLE vod_previews (
            recording {ID} NOT NULL REFERENCES vod_recordings (id) ON DELETE CASCADE, file TEXT NOT NULL, poster TEXT NOT NULL,
            sprites TEXT NOT NULL, every BIGINT NOT NULL, tile_width BIGINT NOT NULL, tile_height BIGINT NOT NULL, tile_columns BIGINT NOT NULL,
            tile_rows BIGINT NOT NULL, tiles BIGINT NOT NULL, PRIMARY KEY (recording, file));
        CREATE TABLE vod_jobs (
            id {ID} PRIMARY KEY, recording {ID} NOT NULL, stream TEXT NOT NULL, kind TEXT NOT NULL, state TEXT NOT NULL, parameters TEXT NOT NULL,
            progress DOUBLE PRECISION NOT NULL, created BIGINT NOT NULL, started BIGINT, ended BIGINT, attempts BIGINT NOT NULL,
            not_before BIGINT NOT NULL, error TEXT, file TEXT, node TEXT NOT NULL);
        CREATE INDEX vod_jobs_by_recording ON vod_jobs (recording);
        CREATE INDEX vod_jobs_by_state ON vod_jobs (state);
        """,
    ];
}
