using System.Collections.Concurrent;

namespace Broadcast.Media.Routing;

/// <summary>The streams of a node by name, for those who serve other nodes. Any thread.</summary>
/// <remarks>Looked at for control frames and timers, never per packet.</remarks>
public sealed class StreamDirectory
{
    private readonly ConcurrentDictionary<string, LiveStream> _streams = new();

    /// <summary>Adds a stream.</summary>
    public void Add(LiveStream stream) => _streams[stream.StreamId] = stream;

    /// <summary>Forgets a stream.</summary>
    public void Remove(string streamId) => _streams.TryRemove(streamId, out _);

    /// <summary>Finds a stream; null when the node does not know it.</summary>
    public LiveStream? Find(string streamId) => _streams.GetValueOrDefault(streamId);
}
