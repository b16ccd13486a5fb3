namespace Broadcast.Grains.Storage;

/// <summary>For a node alone: it outlives generations of the silo, and with the process ends everybody who could remember an epoch.</summary>
internal sealed class MemoryStreamStore : IStreamStore
{
    private readonly Dictionary<string, StoredStream> _streams = [];

    public Task<StoredStream?> ReadAsync(string streamId, CancellationToken cancellationToken)
    {
        lock (_streams) return Task.FromResult(_streams.GetValueOrDefault(streamId));
    }

    public Task<bool> WriteAsync(string streamId, StoredStream state, CancellationToken cancellationToken)
    {
        lock (_streams)
        {
            if (_streams.TryGetValue(streamId, out var stored) && (stored.Epoch, stored.Claim).CompareTo((state.Epoch, state.Claim)) > 0) return Task.FromResult(false);
            _streams[streamId] = state;
            return Task.FromResult(true);
        }
    }
}
