using System.Diagnostics;
using Broadcast.Media.Peers;
using Broadcast.Media.Routing;
using Broadcast.Media.Send;
using Broadcast.MediaNode.Tcp;
using Broadcast.MediaNode.Udp;
using Broadcast.Rtc;

namespace Broadcast.MediaNode.Workers;

/// <summary>One thread with its own socket: steps 1 and 10 of the packet's way around a <see cref="MediaEngine"/>.</summary>
public sealed class MediaWorker : ITcpFrames, IDisposable
{
    private const int UdpToken = 1;
    private const int WakeToken = 2;
    private const int MaxReceiveCalls = 4;
    private static readonly TimeSpan MaxWait = TimeSpan.FromMilliseconds(500);

    /// <summary>Handshakes are slow (0.4 ms); media that waits longer than this is forwarded in between.</summary>
    private static readonly TimeSpan MaxReceiveTurn = TimeSpan.FromMilliseconds(1);

    private readonly WorkerGroup _group;
    private readonly DatagramSocket _socket;
    private readonly LocalAddressFilter _filter;
    private readonly Poller _poller = Poller.Create();
    private readonly Wakeup _wakeup = new();
    private readonly TcpConnections? _tcp;
    private readonly ReceiveBatch _batch = new();
    private readonly HandoverQueue _handover = new();
    private readonly HoldPolicy _hold = new();
    private readonly PacketOutput _output;
    private readonly Thread _thread;
    private volatile bool _stopping;
    private MonotonicTime _pendingSince;
    private MonotonicTime _nextTick;
    private MonotonicTime _nextHousekeeping;
    private bool _hasPending;

    /// <summary>Creates a worker; the socket is bound already.</summary>
    public MediaWorker(int index, WorkerGroup group, DatagramSocket socket, LocalAddressFilter filter, TcpOptions? tcp, PeerDirectory directory, IEngineObserver observer, int workers)
    {
        _group = group;
        _socket = socket;
        _filter = filter;
        _output = new PacketOutput(new DatagramBatch(), Flush);
        Engine = new MediaEngine(index, directory, _output, group, observer);
        _poller.Add(socket.PollTarget, UdpToken, PollEvents.Readable);
        _poller.Add(_wakeup.PollTarget, WakeToken, PollEvents.Readable);
        _tcp = tcp is null ? null : new TcpConnections(tcp, _poller, index, workers);
        _thread = new Thread(Run) { Name = $"media-{index}", IsBackground = true };
    }

    /// <summary>The engine this thread drives.</summary>
    public MediaEngine Engine { get; }

    /// <summary>The socket's counters.</summary>
    public DatagramCounters Counters => _socket.Counters;

    /// <summary>The TCP counters; null when TCP is off.</summary>
    public TcpCounters? TcpCounters => _tcp?.Counters;

    /// <summary>Share of time this worker is busy.</summary>
    public double Load => _hold.Load;

    /// <summary>Managed bytes this thread has allocated, as of the last second: forwarding adds none.</summary>
    public long AllocatedBytes { get; private set; }

    /// <summary>True when sends are segmented by the kernel.</summary>
    public bool Segments => _socket.Segments;

    /// <summary>Starts the thread.</summary>
    public void Start() => _thread.Start();

    /// <summary>Makes the thread take a turn. Any thread.</summary>
    public void Wake() => _wakeup.Signal();

    /// <summary>Queues a datagram that belongs to this worker. Any thread.</summary>
    public bool TryHandOver(ReadOnlySpan<byte> datagram, in TransportPath path, MonotonicTime arrival, bool isOutgoing)
    {
        if (!_handover.TryEnqueue(datagram, path, arrival, isOutgoing)) return false;
        Wake();
        return true;
    }

    /// <summary>Ends all peers and the thread.</summary>
    public void Stop(string reason)
    {
        Engine.Post(engine =>
        {
            engine.EndAll(reason);
            _stopping = true;
        });
        if (_thread.IsAlive) _thread.Join();
    }

    /// <inheritdoc/>
    public DropReason OnFrame(in TransportPath path, Span<byte> frame, MonotonicTime now) => Engine.Receive(frame, path, now, now);

    /// <inheritdoc/>
    public void OnClosed(in TransportPath path, DropReason reason)
    {
        if (reason != DropReason.None) Engine.Drops.Count(reason);
        Engine.OnPathClosed(path);
    }

    /// <inheritdoc/>
    public void OnRefused(DropReason reason) => Engine.Drops.Count(reason);

    /// <inheritdoc/>
    public void Dispose()
    {
        _tcp?.Dispose();
        _poller.Dispose();
        _wakeup.Dispose();
        _socket.Dispose();
    }

    private void Run()
    {
        Span<Ready> ready = new Ready[64];
        var now = MonotonicClock.Now();
        while (!_stopping)
        {
            var count = _poller.Wait(ready, WaitTime(now));
            var started = now = MonotonicClock.Now();
            var tick = now >= _nextTick;
            foreach (var item in ready[..count])
            {
                if (item.Token == UdpToken) ReceiveUdp(ref now);
                else if (item.Token == WakeToken) tick = true;
                else if (_tcp is not null && TcpConnections.Owns(item)) _tcp.OnReady(item, now, this);
            }

            if (tick)
            {
                // Cleared before the queues are read: what is queued later signals again.
                _wakeup.Clear();
                Engine.RunCommands();
                TakeHandedOver(now);
            }

            Engine.WakeSubscribers();
            Engine.Pace(now);
            ForwardWhenDue(now);
            if (tick) _nextTick = Engine.Tick(now);
            if (now >= _nextHousekeeping) KeepHouse(now);
            _output.Flush();

            now = MonotonicClock.Now();
            _hold.OnTurn(now.Nanoseconds - started.Nanoseconds, now);
        }

        _output.Flush();
    }

    private TimeSpan WaitTime(MonotonicTime now)
    {
        var until = MonotonicTime.Min(MonotonicTime.Min(_nextTick, Engine.NextPace), now + MaxWait);
        if (_hasPending) until = MonotonicTime.Min(until, _pendingSince + _hold.Hold);
        return until > now ? until - now : TimeSpan.Zero;
    }

    /// <summary>Step 1: datagrams in batches. Handshakes take long, so in a flood of them media is forwarded in between.</summary>
    private void ReceiveUdp(ref MonotonicTime now)
    {
        var turnStarted = now;
        for (var call = 0; call < MaxReceiveCalls; call++)
        {
            if (_socket.Receive(_batch) == 0) return;
            foreach (var datagram in _batch)
            {
                if (_filter.Accepts(datagram.Local)) Engine.Receive(datagram.Data, datagram.Path, datagram.ReceivedAt, now);
                else Engine.Drops.Count(DropReason.UnlistedLocalAddress);
                now = MonotonicClock.Now();
                if (now - turnStarted <= MaxReceiveTurn) continue;
                Engine.WakeSubscribers();
                ForwardWhenDue(now);
                _output.Flush();
                turnStarted = now;
            }

            if (_batch.Count < _batch.Capacity) return;
        }
    }

    private void ForwardWhenDue(MonotonicTime now)
    {
        if (Engine.Pending == 0)
        {
            _hasPending = false;
            return;
        }

        if (!_hasPending)
        {
            _hasPending = true;
            _pendingSince = now;
        }

        if (now - _pendingSince < _hold.Hold) return;
        Engine.Forward(now);
        _hasPending = false;
    }

    private void TakeHandedOver(MonotonicTime now)
    {
        while (_handover.TryDequeue(out var entry))
        {
            if (entry.IsOutgoing) _tcp?.Send(entry.Path.TcpConnectionId, entry.Datagram);
            else Engine.Receive(entry.Datagram, entry.Path, entry.Arrival, now);
        }
    }

    /// <summary>What is done once a second.</summary>
    private void KeepHouse(MonotonicTime now)
    {
        _nextHousekeeping = now + TimeSpan.FromSeconds(1);
        _tcp?.CloseIdle(now, this);
        CountSlowTcpPeers();
        _socket.ReadKernelDrops();
        AllocatedBytes = GC.GetAllocatedBytesForCurrentThread();
    }

    /// <summary>What slow peers lost by TCP is counted where it happens and goes among the drops here, off the packet path.</summary>
    private void CountSlowTcpPeers()
    {
        if (_tcp is not null) Engine.Drops.Count(DropReason.SendQueueFull, _tcp.Counters.DroppedQueueFull - Engine.Drops[DropReason.SendQueueFull]);
    }

    /// <summary>Step 10: everything collected leaves in as few system calls as possible.</summary>
    private void Flush(DatagramBatch batch)
    {
        if (batch.HasUdp) _socket.Send(batch);
        if (!batch.HasTcp) return;
        _tcp?.Send(batch);
        foreach (ref readonly var run in batch.Runs)
        {
            if (run.Path.IsTcp && !_group.IsTcpHome(Engine.Index, run.Path)) SendByOther(batch, run);
        }
    }

    private void SendByOther(DatagramBatch batch, in DatagramBatch.Run run)
    {
        var bytes = batch.Buffer.Slice(run.Offset, run.Length);
        for (; !bytes.IsEmpty; bytes = bytes[Math.Min(run.SegmentLength, bytes.Length)..])
        {
            if (!_group.TrySendByTcp(bytes[..Math.Min(run.SegmentLength, bytes.Length)], run.Path)) Engine.Drops.Count(DropReason.HandoverQueueFull);
        }
    }
}
