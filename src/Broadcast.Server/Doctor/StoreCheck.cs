using Broadcast.Grains.Hosting;
using Npgsql;
using StackExchange.Redis;

namespace Broadcast.Server.Doctor;

/// <summary>Does the store of the cluster answer, and is its clock ours?</summary>
internal static class StoreCheck
{
    private const string Name = "cluster store";
    private const string Clock = "clock";
    private static readonly TimeSpan Tolerated = TimeSpan.FromSeconds(5);

    public static async Task<IReadOnlyList<Finding>> RunAsync(string address, TimeProvider time)
    {
        if (address is "" or "localhost")
            return [Finding.Ok(Name, "none: a node alone"), Finding.Ok(Clock, "not checked: there is no cluster store to compare with")];
        if (!ClusterStore.TryParse(address, out var store, out var fault)) return [Finding.Fail(Name, fault)];
        try
        {
            var begun = time.GetTimestamp();
            var theirs = store.Kind is StoreKind.Redis ? await AskRedisAsync(store) : await AskPostgresAsync(store);
            return [Finding.Ok(Name, $"{store.Display} answers after {time.GetElapsedTime(begun).TotalMilliseconds:0} ms"), Compare(time.GetUtcNow() - theirs)];
        }
        catch (Exception exception) when (exception is RedisException or NpgsqlException or TimeoutException or InvalidOperationException)
        {
            return
            [
                Finding.Fail(Name, $"{store.Display} does not answer: {exception.Message.Split('\n')[0].TrimEnd('.')}. A node starts only with its store: start it, open its port, check user and password."),
                Finding.Ok(Clock, "not checked: the cluster store does not answer"),
            ];
        }
    }

    internal static Finding Compare(TimeSpan offset) => offset.Duration() <= Tolerated
        ? Finding.Ok(Clock, $"within {Math.Max(1, Math.Ceiling(offset.Duration().TotalSeconds)):0} s of the cluster store")
        : Finding.Warn(Clock, $"{offset.Duration().TotalSeconds:0} s {(offset > TimeSpan.Zero ? "ahead of" : "behind")} the cluster store; tokens and TURN credentials end early or late. Run a time service (systemd-timesyncd, chrony).");

    private static async Task<DateTimeOffset> AskRedisAsync(ClusterStore store)
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync(store.ToRedis());
        await redis.GetDatabase().PingAsync();
        return new DateTimeOffset(await redis.GetServers()[0].TimeAsync(), TimeSpan.Zero);
    }

    private static async Task<DateTimeOffset> AskPostgresAsync(ClusterStore store)
    {
        await using var connection = new NpgsqlConnection(store.ToPostgres());
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("SELECT clock_timestamp()", connection);
        return new DateTimeOffset((DateTime)(await command.ExecuteScalarAsync())!, TimeSpan.Zero);
    }
}
