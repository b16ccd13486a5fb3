namespace Broadcast.Server.Cluster;

/// <summary>Work that is under way at most once for each key; who asks for it meanwhile waits for the same. Thread-safe.</summary>
internal sealed class OneAtATime<TKey>
    where TKey : notnull
{
    private readonly Dictionary<TKey, Task> _running = [];

    /// <summary>Begins the work on another thread, unless it is under way.</summary>
    /// <returns>Its end.</returns>
    public Task RunAsync(TKey key, Func<Task> work)
    {
        lock (_running)
        {
            return _running.TryGetValue(key, out var running) ? running : _running[key] = Task.Run(() => WorkAsync(key, work));
        }
    }

    private async Task WorkAsync(TKey key, Func<Task> work)
    {
        try
        {
            await work();
        }
        finally
        {
            // However soon it ends, it is removed after it was entered: both hold the lock.
            lock (_running) _running.Remove(key);
        }
    }
}
