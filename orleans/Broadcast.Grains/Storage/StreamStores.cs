using Broadcast.Grains.Hosting;
using Npgsql;

namespace Broadcast.Grains.Storage;

internal static class StreamStores
{
    /// <summary>The store that goes with the membership's. Connects when it is first used.</summary>
    public static IStreamStore Open(ClusterOptions options)
    {
        if (!ClusterStore.TryParse(options.Store, out var store, out _)) return new MemoryStreamStore();
        return store.Kind is StoreKind.Redis
            ? new RedisStreamStore(store.ToRedis(), options.ClusterId)
            : new PostgresStreamStore(NpgsqlDataSource.Create(store.ToPostgres()), options.ClusterId);
    }
}
