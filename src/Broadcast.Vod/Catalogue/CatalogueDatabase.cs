using System.Data.Common;
using Dapper;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Broadcast.Vod.Catalogue;

/// <summary>What SQLite and PostgreSQL do not have in common.</summary>
internal abstract class CatalogueDatabase
{
    /// <summary>The type of an id: compared by bytes, so that ids sort by time.</summary>
    public abstract string IdType { get; }

    /// <summary>Opens a connection.</summary>
    public abstract Task<DbConnection> OpenAsync(CancellationToken cancellation);

    /// <summary>Keeps other nodes from creating the same tables until the end of the transaction.</summary>
    public virtual Task LockSchemaAsync(DbTransaction transaction) => Task.CompletedTask;
}

/// <summary>A file of this node.</summary>
internal sealed class SqliteDatabase(string path, TimeSpan? patience = null) : CatalogueDatabase
{
    private readonly string _connection = new SqliteConnectionStringBuilder
    {
        DataSource = path,
        ForeignKeys = true,
        // How long a lock of somebody else is waited for.
        DefaultTimeout = (int)Math.Ceiling((patience ?? TimeSpan.FromSeconds(5)).TotalSeconds),
    }.ToString();

    public override string IdType => "TEXT";

    public override async Task<DbConnection> OpenAsync(CancellationToken cancellation)
    {
        if (Path.GetDirectoryName(path) is { Length: > 0 } folder) Directory.CreateDirectory(folder);
        var connection = new SqliteConnection(_connection);
        try
        {
            await connection.OpenAsync(cancellation);
            // Readers and the writer do not wait for each other; the file keeps this mode, so that asking again costs nothing.
            await connection.ExecuteAsync("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;");
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }
}

/// <summary>A database that the nodes of a cluster share.</summary>
internal sealed class PostgresDatabase(NpgsqlDataSource source) : CatalogueDatabase, IAsyncDisposable
{
    private const long SchemaLock = 0x62726f6164_766f64;

    public override string IdType => "TEXT COLLATE \"C\"";

    public override async Task<DbConnection> OpenAsync(CancellationToken cancellation) => await source.OpenConnectionAsync(cancellation);

    public override Task LockSchemaAsync(DbTransaction transaction) =>
        transaction.Connection!.ExecuteAsync("SELECT pg_advisory_xact_lock(@key)", new { key = SchemaLock }, transaction);

    public ValueTask DisposeAsync() => source.DisposeAsync();
}
