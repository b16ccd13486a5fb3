using Broadcast.Grains.Hosting;
using Broadcast.Grains.Storage;
using Broadcast.Grains.Tests.Servers;

namespace Broadcast.Grains.Tests.Storage;

/// <summary>What every store of streams does.</summary>
public abstract class StreamStoreTests
{
    private readonly string _stream = "s" + Guid.NewGuid().ToString("N");

    [Fact]
    public async Task What_was_written_is_read()
    {
        var store = Open();
        Assert.Null(await store.ReadAsync(_stream, CancellationToken.None));
        var state = new StoredStream(7, ulong.MaxValue - 3, "node", "session");
        Assert.True(await store.WriteAsync(_stream, state, CancellationToken.None));
        Assert.Equal(state, await store.ReadAsync(_stream, CancellationToken.None));

        // The publisher ended; the epoch is kept.
        state = state with { Root = null, Session = null, IsReleased = true };
        Assert.True(await store.WriteAsync(_stream, state, CancellationToken.None));
        Assert.Equal(state, await store.ReadAsync(_stream, CancellationToken.None));
    }

    [Fact]
    public async Task A_lower_epoch_does_not_replace_a_higher_one()
    {
        var store = Open();
        var state = new StoredStream(2_000_000_000, 9, "node", "session");
        await store.WriteAsync(_stream, state, CancellationToken.None);
        Assert.False(await store.WriteAsync(_stream, state with { Epoch = 1_999_999_999, Claim = ulong.MaxValue }, CancellationToken.None));
        Assert.False(await store.WriteAsync(_stream, state with { Claim = 8 }, CancellationToken.None));
        Assert.Equal(state, await store.ReadAsync(_stream, CancellationToken.None));
        Assert.True(await store.WriteAsync(_stream, state with { Claim = 10_000_000_000_000_000_000 }, CancellationToken.None));
        Assert.False(await store.WriteAsync(_stream, state with { Claim = 9_999_999_999_999_999_999 }, CancellationToken.None));
        Assert.True(await store.WriteAsync(_stream, state with { Epoch = 2_000_000_001, Claim = 0 }, CancellationToken.None));
    }

    [Fact]
    public async Task Of_writers_at_the_same_time_the_highest_epoch_stays()
    {
        var store = Open();
        await Task.WhenAll(Enumerable.Range(1, 30).Select(epoch => store.WriteAsync(_stream, new StoredStream(epoch, 1, "node" + epoch, null), CancellationToken.None)));
        Assert.Equal(new StoredStream(30, 1, "node30", null), await store.ReadAsync(_stream, CancellationToken.None));
    }

    internal abstract IStreamStore Open();

    internal static ClusterOptions Options(string url) => new() { Store = url, ClusterId = "stores" };
}

public sealed class MemoryStreamStoreTests : StreamStoreTests
{
    internal override IStreamStore Open() => new MemoryStreamStore();
}

public sealed class RedisStreamStoreTests(RedisServer redis) : StreamStoreTests, IClassFixture<RedisServer>
{
    internal override IStreamStore Open() => StreamStores.Open(Options(redis.Url));
}

public sealed class PostgresStreamStoreTests(PostgresServer postgres) : StreamStoreTests, IClassFixture<PostgresServer>
{
    internal override IStreamStore Open() => StreamStores.Open(Options(postgres.Url));
}
