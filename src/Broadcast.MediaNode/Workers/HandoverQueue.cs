using System.Collections.Concurrent;
using Broadcast.Media.Peers;
using Broadcast.Rtc;

namespace Broadcast.MediaNode.Workers;

/// <summary>Datagrams that belong to another worker: those of a peer whose address moved, and answers over another worker's TCP connection.</summary>
/// <remarks>Rare and bounded, so it may copy. Any thread enqueues; the owner dequeues.</remarks>
public sealed class HandoverQueue
{
    /// <summary>Datagrams that may wait.</summary>
    public const int Capacity = 4096;

    private readonly ConcurrentQueue<Entry> _queue = new();

    /// <summary>One waiting datagram.</summary>
    public readonly record struct Entry(byte[] Datagram, TransportPath Path, MonotonicTime Arrival, bool IsOutgoing);

    /// <summary>Copies a datagram in.</summary>
    /// <returns>False when the queue is full.</returns>
    public bool TryEnqueue(ReadOnlySpan<byte> datagram, in TransportPath path, MonotonicTime arrival, bool isOutgoing)
    {
        if (_queue.Count >= Capacity) return false;
        _queue.Enqueue(new Entry(datagram.ToArray(), path, arrival, isOutgoing));
        return true;
    }

    /// <summary>Takes the oldest.</summary>
    public bool TryDequeue(out Entry entry) => _queue.TryDequeue(out entry);
}
