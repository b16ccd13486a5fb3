using System.Globalization;
using Npgsql;
using NpgsqlTypes;
using Orleans.Runtime;

namespace Broadcast.Grains.Membership;

/// <summary>The cluster's membership table in PostgreSQL; creates its tables itself.</summary>
/// <remarks>
/// The provider of the AdoNet package wants an operator to run its script first, and keeps its own queries as rows of a table. Here
/// a row of <c>broadcast_cluster</c> holds the table's version, and every change takes that row's lock first: changes are serial, and
/// one that was decided on an old version changes nothing.
/// </remarks>
internal sealed class PostgresMembershipTable(NpgsqlDataSource database, string clusterId) : IMembershipTable
{
    /// <summary>Any number will do that no other program on this database uses for an advisory lock.</summary>
    private const long SchemaLock = 0x42726f6164636173;

    private const string Schema =
        """
        CREATE TABLE IF NOT EXISTS broadcast_cluster (
            cluster_id text PRIMARY KEY,
            version integer NOT NULL);
        CREATE TABLE IF NOT EXISTS broadcast_silo (
            cluster_id text NOT NULL REFERENCES broadcast_cluster ON DELETE CASCADE,
            silo text NOT NULL,
            row_version integer NOT NULL,
            status integer NOT NULL,
            silo_name text NOT NULL,
            host_name text NOT NULL,
            proxy_port integer NOT NULL,
            start_time timestamptz NOT NULL,
            alive_time timestamptz NOT NULL,
            suspects text[] NOT NULL,
            suspect_times timestamptz[] NOT NULL,
            PRIMARY KEY (cluster_id, silo));
        """;

    public async Task InitializeMembershipTable(bool tryInitTableVersion)
    {
        await using var connection = await database.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        // "IF NOT EXISTS" alone is not safe against two sessions that create the same table at the same time.
        await ExecuteAsync(connection, "SELECT pg_advisory_xact_lock($1)", SchemaLock);
        await ExecuteAsync(connection, Schema);
        if (tryInitTableVersion)
            await ExecuteAsync(connection, "INSERT INTO broadcast_cluster VALUES ($1, 0) ON CONFLICT DO NOTHING", clusterId);
        await transaction.CommitAsync();
    }

    public async Task DeleteMembershipTableEntries(string clusterId)
    {
        await using var connection = await database.OpenConnectionAsync();
        await ExecuteAsync(connection, "DELETE FROM broadcast_cluster WHERE cluster_id = $1", clusterId);
    }

    public async Task CleanupDefunctSiloEntries(DateTimeOffset beforeDate)
    {
        await using var connection = await database.OpenConnectionAsync();
        await ExecuteAsync(
            connection,
            "DELETE FROM broadcast_silo WHERE cluster_id = $1 AND status <> $2 AND greatest(start_time, alive_time) < $3",
            clusterId,
            (int)SiloStatus.Active,
            beforeDate.UtcDateTime);
    }

    public Task<MembershipTableData> ReadRow(SiloAddress key) => ReadAsync(key);

    public Task<MembershipTableData> ReadAll() => ReadAsync(null);

    public Task<bool> InsertRow(MembershipEntry entry, TableVersion tableVersion) => ChangeAsync(
        entry,
        tableVersion,
        """
        INSERT INTO broadcast_silo VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING
        """);

    public Task<bool> UpdateRow(MembershipEntry entry, string etag, TableVersion tableVersion) => ChangeAsync(
        entry,
        tableVersion,
        """
        UPDATE broadcast_silo
        SET row_version = $3, status = $4, silo_name = $5, host_name = $6, proxy_port = $7, start_time = $8, alive_time = $9, suspects = $10, suspect_times = $11
        WHERE cluster_id = $1 AND silo = $2 AND row_version = $12
        """,
        int.Parse(etag, CultureInfo.InvariantCulture));

    public async Task UpdateIAmAlive(MembershipEntry entry)
    {
        await using var connection = await database.OpenConnectionAsync();
        await ExecuteAsync(
            connection,
            "UPDATE broadcast_silo SET alive_time = $3 WHERE cluster_id = $1 AND silo = $2",
            clusterId,
            entry.SiloAddress.ToParsableString(),
            Utc(entry.IAmAliveTime));
    }

    // One statement sees one state of both tables, which is what "read atomically" asks for.
    private async Task<MembershipTableData> ReadAsync(SiloAddress? only)
    {
        await using var connection = await database.OpenConnectionAsync();
        await using var command = new NpgsqlCommand(
            """
            SELECT c.version, s.silo, s.row_version, s.status, s.silo_name, s.host_name, s.proxy_port, s.start_time, s.alive_time, s.suspects, s.suspect_times
            FROM broadcast_cluster c LEFT JOIN broadcast_silo s ON s.cluster_id = c.cluster_id AND ($2 IS NULL OR s.silo = $2)
            WHERE c.cluster_id = $1
            """,
            connection);
        command.Parameters.AddWithValue(clusterId);
        command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Text, Value = (object?)only?.ToParsableString() ?? DBNull.Value });

        var members = new List<Tuple<MembershipEntry, string>>();
        var version = 0;
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            version = reader.GetInt32(0);
            if (reader.IsDBNull(1)) continue;
            members.Add(Tuple.Create(ReadEntry(reader), reader.GetInt32(2).ToString(CultureInfo.InvariantCulture)));
        }

        return new MembershipTableData(members, new TableVersion(version, version.ToString(CultureInfo.InvariantCulture)));
    }

    private static MembershipEntry ReadEntry(NpgsqlDataReader reader)
    {
        var suspects = reader.GetFieldValue<string[]>(9);
        var times = reader.GetFieldValue<DateTime[]>(10);
        return new MembershipEntry
        {
            SiloAddress = SiloAddress.FromParsableString(reader.GetString(1)),
            Status = (SiloStatus)reader.GetInt32(3),
            SiloName = reader.GetString(4),
            HostName = reader.GetString(5),
            ProxyPort = reader.GetInt32(6),
            StartTime = reader.GetDateTime(7),
            IAmAliveTime = reader.GetDateTime(8),
            SuspectTimes = [.. suspects.Zip(times, (silo, time) => Tuple.Create(SiloAddress.FromParsableString(silo), time))],
        };
    }

    private async Task<bool> ChangeAsync(MembershipEntry entry, TableVersion version, string change, params object[] more)
    {
        await using var connection = await database.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        var current = await ExecuteAsync(
            connection,
            "UPDATE broadcast_cluster SET version = $2 WHERE cluster_id = $1 AND version = $3",
            clusterId,
            version.Version,
            int.Parse(version.VersionEtag, CultureInfo.InvariantCulture)) == 1;
        if (!current || await ExecuteAsync(connection, change, [.. Columns(entry, version), .. more]) != 1) return false;
        await transaction.CommitAsync();
        return true;
    }

    private object[] Columns(MembershipEntry entry, TableVersion version)
    {
        var suspects = entry.SuspectTimes ?? [];
        return
        [
            clusterId,
            entry.SiloAddress.ToParsableString(),
            version.Version,
            (int)entry.Status,
            entry.SiloName ?? "",
            entry.HostName ?? "",
            entry.ProxyPort,
            Utc(entry.StartTime),
            Utc(entry.IAmAliveTime),
            suspects.Select(suspect => suspect.Item1.ToParsableString()).ToArray(),
            suspects.Select(suspect => Utc(suspect.Item2)).ToArray(),
        ];
    }

    private static async Task<int> ExecuteAsync(NpgsqlConnection connection, string text, params object[] values)
    {
        await using var command = new NpgsqlCommand(text, connection);
        foreach (var value in values) command.Parameters.AddWithValue(value);
        return await command.ExecuteNonQueryAsync();
    }

    private static DateTime Utc(DateTime time) => DateTime.SpecifyKind(time, DateTimeKind.Utc);
}
