using Npgsql;

namespace Broadcast.Grains.Storage;

/// <summary>States of streams in PostgreSQL, in a table that is made when it is missing.</summary>
internal sealed class PostgresStreamStore(NpgsqlDataSource database, string clusterId) : IStreamStore, IAsyncDisposable
{
    private const long SchemaLock = 0x42726f6164637374;
    private const string MissingTable = PostgresErrorCodes.UndefinedTable;

    // Names of streams that nobody published for a month are forgotten whenever the table is looked for.
    private const string Schema =
        """
        CREATE TABLE IF NOT EXISTS broadcast_stream (
            cluster_id text NOT NULL,
            stream_id text NOT NULL,
            epoch bigint NOT NULL,
            claim numeric(20) NOT NULL,
            root text,
            session text,
            released boolean NOT NULL,
            written timestamptz NOT NULL,
            PRIMARY KEY (cluster_id, stream_id));
        DELETE FROM broadcast_stream WHERE root IS NULL AND written < now() - interval '30 days';
        """;

    public Task<StoredStream?> ReadAsync(string streamId, CancellationToken cancellationToken) => WithTableAsync(
        async connection =>
        {
            await using var command = new NpgsqlCommand("SELECT epoch, claim, root, session, released FROM broadcast_stream WHERE cluster_id = $1 AND stream_id = $2", connection)
            {
                Parameters = { new() { Value = clusterId }, new() { Value = streamId } },
            };
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            if (!await reader.ReadAsync(cancellationToken)) return null;
            return new StoredStream(
                reader.GetInt64(0),
                (ulong)reader.GetDecimal(1),
                reader.IsDBNull(2) ? null : reader.GetString(2),
                reader.IsDBNull(3) ? null : reader.GetString(3),
                reader.GetBoolean(4));
        },
        cancellationToken);

    public Task<bool> WriteAsync(string streamId, StoredStream state, CancellationToken cancellationToken) => WithTableAsync(
        async connection =>
        {
            await using var command = new NpgsqlCommand(
                """
                INSERT INTO broadcast_stream AS s VALUES ($1, $2, $3, $4, $5, $6, $7, now())
                ON CONFLICT (cluster_id, stream_id) DO UPDATE
                SET epoch = excluded.epoch, claim = excluded.claim, root = excluded.root, session = excluded.session, released = excluded.released, written = excluded.written
                WHERE (s.epoch, s.claim) <= (excluded.epoch, excluded.claim)
                """,
                connection)
            {
                Parameters =
                {
                    new() { Value = clusterId },
                    new() { Value = streamId },
                    new() { Value = state.Epoch },
                    new() { Value = (decimal)state.Claim },
                    new NpgsqlParameter<string?> { TypedValue = state.Root },
                    new NpgsqlParameter<string?> { TypedValue = state.Session },
                    new() { Value = state.IsReleased },
                },
            };
            return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
        },
        cancellationToken);

    public ValueTask DisposeAsync() => database.DisposeAsync();

    // The table may be missing at the first start and after the database was restored empty.
    private async Task<T> WithTableAsync<T>(Func<NpgsqlConnection, Task<T>> work, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        try
        {
            return await work(connection);
        }
        catch (PostgresException exception) when (exception.SqlState == MissingTable)
        {
            await CreateAsync(connection, cancellationToken);
            return await work(connection);
        }
    }

    private static async Task CreateAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using (var gate = new NpgsqlCommand("SELECT pg_advisory_xact_lock($1)", connection) { Parameters = { new() { Value = SchemaLock } } })
            await gate.ExecuteNonQueryAsync(cancellationToken);
        await using (var schema = new NpgsqlCommand(Schema, connection))
            await schema.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }
}
