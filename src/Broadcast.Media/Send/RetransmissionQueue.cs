namespace Broadcast.Media.Send;

/// <summary>Requests for packets that wait until what is new has been sent. Bounded; made on the first that has to wait.</summary>
/// <remarks>Owned by one MediaWorker.</remarks>
internal sealed class RetransmissionQueue
{
    /// <summary>Requests that wait at most; a viewer repeats what it did not get.</summary>
    public const int Capacity = 256;

    private readonly (SendStream Stream, ushort SequenceNumber)[] _requests = new (SendStream, ushort)[Capacity];
    private int _first;

    /// <summary>Requests that wait.</summary>
    public int Count { get; private set; }

    /// <summary>Adds a request.</summary>
    /// <returns>False when there is no room.</returns>
    public bool TryAdd(SendStream stream, ushort sequenceNumber)
    {
        if (Count == Capacity) return false;
        _requests[(_first + Count++) % Capacity] = (stream, sequenceNumber);
        return true;
    }

    /// <summary>Takes the oldest request; there must be one.</summary>
    public (SendStream Stream, ushort SequenceNumber) Take()
    {
        var request = _requests[_first];
        _first = (_first + 1) % Capacity;
        Count--;
        return request;
    }

    /// <summary>Forgets them all.</summary>
    public void Clear() => Count = 0;
}
