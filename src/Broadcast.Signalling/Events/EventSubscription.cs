using System.Security.Cryptography;
using System.Threading.Channels;
using Broadcast.Media.Sessions;

namespace Broadcast.Signalling.Events;

/// <summary>One event stream of one WHEP session.</summary>
/// <remarks>
/// Holds which kinds are due, never the events themselves: a slow reader finds the latest state when it comes back,
/// and memory does not grow. Safe to use from any thread.
/// </remarks>
internal sealed class EventSubscription(string streamId, EventSet wanted) : IDisposable
{
    private const int KeepAliveBit = 1 << 30;

    private readonly Channel<bool> _signal = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private CancellationTokenSource? _reader;
    private int _due;

    public string Id { get; } = RandomNumberGenerator.GetHexString(16, lowercase: true);

    public string StreamId { get; } = streamId;

    /// <summary>Those of the kinds that were asked for.</summary>
    public EventSet Wanted(EventSet events) => new(events.Bits & wanted.Bits);

    /// <summary>Marks kinds as due, as far as they were asked for.</summary>
    public void Raise(EventSet events)
    {
        // Of active and inactive the later is the truth.
        if (events.Has(StreamEventKind.Active))
            Interlocked.And(ref _due, ~EventSet.Of(StreamEventKind.Inactive).Bits);
        if (events.Has(StreamEventKind.Inactive))
            Interlocked.And(ref _due, ~EventSet.Of(StreamEventKind.Active).Bits);
        if (Wanted(events).Bits == 0)
            return;
        Interlocked.Or(ref _due, Wanted(events).Bits);
        _signal.Writer.TryWrite(true);
    }

    /// <summary>Has a comment sent, so that proxies keep the connection and a vanished reader is noticed.</summary>
    public void RaiseKeepAlive()
    {
        Interlocked.Or(ref _due, KeepAliveBit);
        _signal.Writer.TryWrite(true);
    }

    /// <summary>Takes what is due.</summary>
    public EventSet Take(out bool keepAlive)
    {
        var due = Interlocked.Exchange(ref _due, 0);
        keepAlive = (due & KeepAliveBit) != 0;
        return new EventSet(due & ~KeepAliveBit);
    }

    /// <summary>Completes when something is due; false when the subscription is closed.</summary>
    public async ValueTask<bool> WaitAsync(CancellationToken cancellation)
    {
        if (!await _signal.Reader.WaitToReadAsync(cancellation))
            return false;
        _signal.Reader.TryRead(out _);
        return true;
    }

    /// <summary>Makes the caller the only reader: an EventSource that reconnects takes over from its dead connection.</summary>
    public CancellationToken TakeOver(CancellationToken aborted)
    {
        var mine = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        Interlocked.Exchange(ref _reader, mine)?.Cancel();
        return mine.Token;
    }

    /// <summary>Ends the stream for good, also for a reader that is not listening.</summary>
    public void Dispose()
    {
        _signal.Writer.TryComplete();
        Interlocked.Exchange(ref _reader, null)?.Cancel();
    }
}
