using Broadcast.Grains.Storage;
using Microsoft.Extensions.Logging;

namespace Broadcast.Grains.Publishers;

/// <summary>What became of the stored state when it was read.</summary>
/// <param name="IsKnown">False when the store did not answer in time.</param>
/// <param name="Stream">Null for a stream that never was.</param>
internal readonly record struct StoredState(bool IsKnown, StoredStream? Stream);

/// <summary>Reads and writes one stream's state without ever holding the stream up. Owned by one grain, in its turns.</summary>
/// <remarks>One write at a time, always of the newest state; a store that is away is tried again until it is there.</remarks>
internal sealed partial class StateKeeper(string streamId, IStreamStore store, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LastRetry = TimeSpan.FromSeconds(5);

    private StoredStream? _unsaved;
    private Task _saving = Task.CompletedTask;
    private bool _stopped;

    /// <summary>Completes when nothing is left to be written.</summary>
    public Task Saved => _saving;

    /// <summary>True after a write that found a higher epoch stored: somebody else writes this stream.</summary>
    public bool IsOutvoted { get; private set; }

    public async Task<StoredState> ReadAsync()
    {
        using var timeout = new CancellationTokenSource(Timeout, time);
        try
        {
            return new StoredState(true, await store.ReadAsync(streamId, timeout.Token));
        }
        catch (Exception exception)
        {
            LogStoreAway(streamId, "read", exception.Message);
            return default;
        }
    }

    /// <summary>Writes the state, now or as soon as it can be.</summary>
    public void Save(StoredStream state)
    {
        _unsaved = state;
        if (_saving.IsCompleted) _saving = SaveAsync();
    }

    /// <summary>Gives up what could not be written.</summary>
    public void Stop() => _stopped = true;

    private async Task SaveAsync()
    {
        var pause = FirstRetry;
        while (_unsaved is { } state && !_stopped)
        {
            _unsaved = null;
            try
            {
                using var timeout = new CancellationTokenSource(Timeout, time);
                IsOutvoted |= !await store.WriteAsync(streamId, state, timeout.Token);
                pause = FirstRetry;
            }
            catch (Exception exception)
            {
                // Whatever a driver throws; the newest state is tried again.
                LogStoreAway(streamId, "written", exception.Message);
                _unsaved ??= state;
                await Task.Delay(pause, time);
                pause = pause * 2 < LastRetry ? pause * 2 : LastRetry;
            }
        }
    }

    [LoggerMessage(131, LogLevel.Debug, "The state of stream {StreamId} cannot be {What} now: {Reason}")]
    private partial void LogStoreAway(string streamId, string what, string reason);
}
