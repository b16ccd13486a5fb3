using System.Globalization;
using StackExchange.Redis;

namespace Broadcast.Grains.Storage;

/// <summary>States of streams in Redis, a hash for each, forgotten a month after the last write.</summary>
internal sealed class RedisStreamStore(ConfigurationOptions options, string clusterId) : IStreamStore, IAsyncDisposable
{
    // The claim is written with leading zeros, so that its order is that of its text: a number of Lua has not enough digits.
    private const string WriteScript =
        """
        local epoch = tonumber(redis.call('HGET', KEYS[1], 'epoch') or '-1')
        local claim = redis.call('HGET', KEYS[1], 'claim') or ''
        local newer = tonumber(ARGV[1])
        if epoch > newer or (epoch == newer and claim > ARGV[2]) then return 0 end
        redis.call('HSET', KEYS[1], 'epoch', ARGV[1], 'claim', ARGV[2], 'root', ARGV[3], 'session', ARGV[4], 'released', ARGV[5])
        redis.call('EXPIRE', KEYS[1], 2592000)
        return 1
        """;

    private readonly SemaphoreSlim _connecting = new(1);
    private ConnectionMultiplexer? _connection;

    public async Task<StoredStream?> ReadAsync(string streamId, CancellationToken cancellationToken)
    {
        var database = await ConnectAsync(cancellationToken);
        var values = await database.HashGetAsync(Key(streamId), ["epoch", "claim", "root", "session", "released"]).WaitAsync(cancellationToken);
        return values[0].IsNull
            ? null
            : new StoredStream((long)values[0], ulong.Parse(values[1].ToString(), CultureInfo.InvariantCulture), Text(values[2]), Text(values[3]), values[4] == 1);
    }

    public async Task<bool> WriteAsync(string streamId, StoredStream state, CancellationToken cancellationToken)
    {
        var database = await ConnectAsync(cancellationToken);
        RedisValue[] values = [state.Epoch, state.Claim.ToString("D20", CultureInfo.InvariantCulture), state.Root ?? "", state.Session ?? "", state.IsReleased ? 1 : 0];
        return (bool)await database.ScriptEvaluateAsync(WriteScript, [Key(streamId)], values).WaitAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection is not null) await _connection.DisposeAsync();
        _connecting.Dispose();
    }

    private static string? Text(RedisValue value) => value.IsNullOrEmpty ? null : value.ToString();

    private RedisKey Key(string streamId) => $"broadcast/{clusterId}/stream/{streamId}";

    private async Task<IDatabase> ConnectAsync(CancellationToken cancellationToken)
    {
        if (_connection is { } ready) return ready.GetDatabase();
        await _connecting.WaitAsync(cancellationToken);
        try
        {
            _connection ??= await ConnectionMultiplexer.ConnectAsync(options).WaitAsync(cancellationToken);
            return _connection.GetDatabase();
        }
        finally
        {
            _connecting.Release();
        }
    }
}
