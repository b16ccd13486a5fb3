using Broadcast.Media.Peers;

namespace Broadcast.Media.Send;

/// <summary>Where an engine writes datagrams: a batch that is flushed when it is full or when the engine says so.</summary>
/// <remarks>Owned by one MediaWorker. The flush callback sends and must leave the batch empty.</remarks>
public sealed class PacketOutput(DatagramBatch batch, Action<DatagramBatch> flush)
{
    /// <summary>Datagrams handed over so far.</summary>
    public long Datagrams { get; private set; }

    /// <summary>Room for one datagram at the end of the batch; flushes when there is none.</summary>
    public Span<byte> Reserve(int maxLength)
    {
        if (batch.TryReserve(maxLength, out var slot)) return slot;
        Flush();
        return batch.TryReserve(maxLength, out slot) ? slot : throw new ArgumentOutOfRangeException(nameof(maxLength), "Longer than an empty batch.");
    }

    /// <summary>Hands over the datagram just written into the reserved slot.</summary>
    public void Commit(in TransportPath path, int length)
    {
        batch.Commit(path, length);
        Datagrams++;
    }

    /// <summary>Sends what has been collected.</summary>
    public void Flush()
    {
        if (batch.IsEmpty) return;
        flush(batch);
        batch.Clear();
    }
}
