using Broadcast.Vod.Recordings;

namespace Broadcast.Recording.Sessions;

/// <summary>Hands events to the ledger in order; what it cannot take now, it gets later. Owned by one thread.</summary>
internal sealed class EventOutbox(IRecordingLedger ledger)
{
    /// <summary>Gaps beyond this are not told: nobody would look at them, and memory is not without bounds.</summary>
    private const int MaxWaiting = 10_000;

    private readonly Queue<RecordingEvent> _waiting = new();

    /// <summary>True while the ledger has not taken everything.</summary>
    public bool IsWaiting => _waiting.Count > 0;

    /// <summary>Tells something.</summary>
    /// <exception cref="IOException">The ledger does not take it; it waits.</exception>
    public void Append(RecordingEvent what)
    {
        if (_waiting.Count >= MaxWaiting && what is GapDeclared) return;
        _waiting.Enqueue(what);
        Flush();
    }

    /// <summary>Tells what is only worth telling now.</summary>
    public void Mention(SegmentGrown what)
    {
        if (IsWaiting) return;
        try
        {
            ledger.Append(what);
        }
        catch (Exception exception) when (StorageFault.Is(exception))
        {
            // The next one says the same and more.
        }
    }

    /// <summary>Tries again.</summary>
    /// <exception cref="IOException">The ledger still does not take it.</exception>
    public void Flush()
    {
        while (_waiting.TryPeek(out var next))
        {
            ledger.Append(next);
            _waiting.Dequeue();
        }
    }
}
