using Broadcast.Media.Peers;
using Broadcast.Media.Routing;
using Broadcast.Media.Send;
using Broadcast.Rtc;
using Broadcast.Testing.Network;

namespace Broadcast.Testing.Node;

/// <summary>What a media worker's thread does, as events: datagrams in, a turn of the engine, datagrams out.</summary>
public sealed class VirtualWorker
{
    private readonly VirtualClock _clock;
    private readonly PacketOutput _output;
    private readonly bool _isRelay;
    private readonly Queue<(byte[] Datagram, TransportPath Path, MonotonicTime Arrival)> _handover = new();
    private readonly Queue<(byte[] Datagram, TransportPath Path, MonotonicTime Arrival)> _received = new();
    private MonotonicTime _nextTick;
    private MonotonicTime _scheduled = MonotonicTime.Never;
    private bool _turnPending;
    private MonotonicTime _asleepUntil;

    internal VirtualWorker(int index, VirtualNode node, VirtualClock clock, VirtualNetwork network, bool isRelay)
    {
        _isRelay = isRelay;
        _clock = clock;
        _output = new PacketOutput(new DatagramBatch(), batch => Send(batch, network));
        Engine = new MediaEngine(index, node.Directory, _output, node, node);
    }

    /// <summary>The engine.</summary>
    public MediaEngine Engine { get; }

    /// <summary>True sends nothing: for measuring what the engine alone costs.</summary>
    public bool DiscardsOutput { get; set; }

    /// <summary>Sends what the engine has written.</summary>
    public void Flush() => _output.Flush();

    /// <summary>Takes a datagram; the turn follows when all of this instant have come.</summary>
    public void Receive(byte[] datagram, in TransportPath path)
    {
        if (_clock.Now < _asleepUntil) _received.Enqueue((datagram, path, _clock.Now));
        else Engine.Receive(datagram, path, _clock.Now, _clock.Now);
        ScheduleTurn();
    }

    internal void HandOver(byte[] datagram, in TransportPath path, MonotonicTime arrival)
    {
        _handover.Enqueue((datagram, path, arrival));
        Wake();
    }

    /// <summary>As the wake-up descriptor does: the next turn serves commands and timers.</summary>
    internal void Wake()
    {
        _nextTick = _clock.Now;
        ScheduleTurn();
    }

    private void ScheduleTurn()
    {
        if (_turnPending) return;
        _turnPending = true;
        _clock.At(_clock.Now, Turn);
    }

    /// <summary>Lets the thread stand still: what arrives waits in the socket meanwhile.</summary>
    public void Sleep(TimeSpan time) => _asleepUntil = _clock.Now + time;

    private void Turn()
    {
        var now = _clock.Now;
        if (now < _asleepUntil)
        {
            _clock.At(_asleepUntil, Turn);
            return;
        }

        _turnPending = false;
        while (_received.TryDequeue(out var waiting)) Engine.Receive(waiting.Datagram, waiting.Path, waiting.Arrival, now);
        Engine.RunCommands();
        while (_handover.TryDequeue(out var entry)) Engine.Receive(entry.Datagram, entry.Path, entry.Arrival, now);
        Engine.WakeSubscribers();
        Engine.Pace(now);
        Engine.Forward(now);
        if (now >= _nextTick) _nextTick = Engine.Tick(now);
        _output.Flush();
        ScheduleTick(now);
    }

    private void ScheduleTick(MonotonicTime now)
    {
        var next = MonotonicTime.Min(_nextTick, Engine.NextPace);
        if (_scheduled > now && _scheduled <= next) return;
        _scheduled = next;
        _clock.At(next, ScheduleTurn);
    }

    private void Send(DatagramBatch batch, VirtualNetwork network)
    {
        if (DiscardsOutput) return;
        foreach (ref readonly var run in batch.Runs)
        {
            var bytes = batch.Buffer.Slice(run.Offset, run.Length);
            for (; !bytes.IsEmpty; bytes = bytes[Math.Min(run.SegmentLength, bytes.Length)..])
            {
                network.ToPeer(run.Path.Remote, bytes[..Math.Min(run.SegmentLength, bytes.Length)], _isRelay);
            }
        }
    }
}
