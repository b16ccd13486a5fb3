using System.Collections.Concurrent;
using Broadcast.Media.Send;
using Broadcast.MediaNode;
using Broadcast.MediaNode.Udp;
using Broadcast.Rtc;

namespace Broadcast.Client.Connections;

/// <summary>One thread that receives for, sends for and times many peers.</summary>
/// <remarks>Everything but <see cref="Post"/> and the counters belongs to its thread.</remarks>
internal sealed class EventLoop : IDisposable
{
    private const int WakeupToken = -1;

    // A viewer's share of one wake-up: usually one coalesced burst, so few slots keep the headers in cache.
    private const int MessagesPerRead = 8;

    private readonly Poller _poller = Poller.Create();
    private readonly Wakeup _wakeup = new();
    private readonly ConcurrentQueue<Action<EventLoop>> _commands = new();
    private readonly ReceiveBatch _received = new(MessagesPerRead);
    private readonly Ready[] _ready = new Ready[256];
    private readonly List<Peer?> _peers = [];
    private readonly PriorityQueue<(Peer Peer, long At), long> _timers = new();
    private readonly Thread _thread;
    private volatile bool _stopping;

    /// <summary>Starts the thread.</summary>
    public EventLoop(string name)
    {
        _poller.Add(_wakeup.PollTarget, WakeupToken, PollEvents.Readable);
        _thread = new Thread(Run) { Name = name, IsBackground = true };
        _thread.Start();
    }

    /// <summary>Maps kernel time for the sockets of this loop.</summary>
    public MonotonicClock Clock { get; } = new();

    /// <summary>What the peers of this loop counted. Read by other threads with slight delay.</summary>
    public LoopCounters Counters { get; } = new();

    /// <summary>For what a peer sends at once; empty between calls.</summary>
    public DatagramBatch Outgoing { get; } = new(capacityBytes: 128 * 1024, maxRuns: 64);

    /// <summary>Set when the loop died of an exception, which is a defect of this tool.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Has the loop's thread do something. Any thread.</summary>
    public void Post(Action<EventLoop> command)
    {
        _commands.Enqueue(command);
        _wakeup.Signal();
    }

    /// <summary>Begins to serve a peer, which belongs to this loop from now on.</summary>
    public void Add(Peer peer, MonotonicTime now)
    {
        peer.Token = _peers.Count;
        _peers.Add(peer);
        _poller.Add(peer.Socket.PollTarget, peer.Token, PollEvents.Readable);
        peer.Start(now);
        Schedule(peer);
    }

    /// <summary>Ends a peer and closes its socket.</summary>
    public void Remove(Peer peer)
    {
        if (_peers[peer.Token] != peer) return;
        _peers[peer.Token] = null;
        _poller.Remove(peer.Socket.PollTarget);
        peer.Close();
        peer.Dispose();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stopping = true;
        _wakeup.Signal();
        _thread.Join();
        foreach (var peer in _peers) peer?.Dispose();
        _poller.Dispose();
        _wakeup.Dispose();
    }

    private void Run()
    {
        try
        {
            while (!_stopping) RunOnce();
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            Failure = failure;
            Console.Error.WriteLine($"{_thread.Name}: {failure}");
        }
    }

    private void RunOnce()
    {
        var count = _poller.Wait(_ready, UntilNextTimer());
        for (var i = 0; i < count; i++)
        {
            var token = _ready[i].Token;
            if (token == WakeupToken)
            {
                _wakeup.Clear();
                while (_commands.TryDequeue(out var command)) command(this);
                continue;
            }

            var peer = _peers[token];
            if (peer is null) continue;
            peer.Receive(_received);
            if (peer.IsClosed) _poller.Remove(peer.Socket.PollTarget);
            Schedule(peer);
        }

        RunTimers();
    }

    private TimeSpan UntilNextTimer()
    {
        if (!_timers.TryPeek(out _, out var at)) return Timeout.InfiniteTimeSpan;
        var rest = at - MonotonicClock.Now().Nanoseconds;
        return rest <= 0 ? TimeSpan.Zero : new TimeSpan((rest + 99) / 100);
    }

    private void RunTimers()
    {
        var now = MonotonicClock.Now();
        while (_timers.TryPeek(out var timer, out var at) && at <= now.Nanoseconds)
        {
            _timers.Dequeue();
            if (timer.Peer.ScheduledAt != timer.At || _peers[timer.Peer.Token] != timer.Peer) continue; // set to an earlier time meanwhile
            timer.Peer.ScheduledAt = long.MaxValue;
            timer.Peer.HandleTimeout(now);
            Schedule(timer.Peer);
        }
    }

    /// <summary>Queues a peer's next deadline when it is earlier than the queued one; a later one is found when that fires.</summary>
    private void Schedule(Peer peer)
    {
        var at = peer.NextTimeout.Nanoseconds;
        if (at >= peer.ScheduledAt) return;
        peer.ScheduledAt = at;
        _timers.Enqueue((peer, at), at);
    }
}
