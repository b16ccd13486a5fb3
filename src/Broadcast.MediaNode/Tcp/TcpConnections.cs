using System.Net;
using System.Net.Sockets;
using Broadcast.Media.Peers;
using Broadcast.Media.Send;
using Broadcast.MediaNode.Udp;
using Broadcast.Rtc;

namespace Broadcast.MediaNode.Tcp;

/// <summary>One worker's ICE-TCP side: its listener and the connections it accepted.</summary>
/// <remarks>
/// Registers itself with the worker's poller under negative tokens (<see cref="Owns"/>); the worker passes those to
/// <see cref="OnReady"/> and uses tokens from 0 up itself. A frame handler may send and close; a connection that ends
/// meanwhile is buried when the call returns. Owned by one worker; not thread-safe.
/// </remarks>
public sealed class TcpConnections : IDisposable
{
    private const int ListenerToken = int.MinValue;
    private const int AcceptsPerRound = 64;

    private readonly Poller _poller;
    private readonly TcpOptions _options;
    private readonly int _workers;
    private readonly TcpListening _listener;
    private readonly SourceLimit _sources;
    private readonly Dictionary<int, TcpConnection> _connections = [];
    private readonly List<TcpConnection> _broken = [];
    private readonly byte[] _frames = new byte[128 * 1024];
    private int _nextId;
    private bool _paused;

    /// <summary>Listens.</summary>
    /// <param name="options">Address and limits.</param>
    /// <param name="poller">The worker's poller; outlives this.</param>
    /// <param name="worker">This worker's number, from 0.</param>
    /// <param name="workers">How many there are; makes connection ids unique among them.</param>
    /// <exception cref="IOException">The address cannot be had.</exception>
    public TcpConnections(TcpOptions options, Poller poller, int worker = 0, int workers = 1)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(poller);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.WriteQueueBytes, TcpOptions.MinWriteQueueBytes);
        ArgumentOutOfRangeException.ThrowIfNegative(worker);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(worker, workers);
        _options = options;
        _poller = poller;
        _workers = workers;
        _nextId = worker + 1;
        _sources = new SourceLimit(options.MaxConnectionsPerSource);
        _listener = new TcpListening(options);
        _poller.Add(_listener.PollTarget, ListenerToken, PollEvents.Readable);
    }

    /// <summary>The bound address; its port is the real one.</summary>
    public TransportAddress LocalAddress => _listener.LocalAddress;

    /// <summary>Connections open now.</summary>
    public int Count => _connections.Count;

    /// <summary>What happened so far.</summary>
    public TcpCounters Counters { get; } = new();

    /// <summary>True when a poller's report is for <see cref="OnReady"/>.</summary>
    public static bool Owns(in Ready ready) => ready.Token < 0;

    /// <summary>The worker that holds a connection; datagrams for it have to be sent there.</summary>
    public static int WorkerOf(int connectionId, int workers) => (connectionId - 1) % workers;

    /// <summary>Accepts, reads or writes, as the poller says.</summary>
    public void OnReady(in Ready ready, MonotonicTime now, ITcpFrames handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        if (ready.Token == ListenerToken)
        {
            Accept(now, handler);
            return;
        }

        if (!_connections.TryGetValue(-ready.Token, out var connection)) return;
        if ((ready.Events & (PollEvents.Readable | PollEvents.Failed)) != 0) connection.Read(handler, now, Counters);
        if ((ready.Events & PollEvents.Writable) != 0) connection.Flush();
        Settle(connection);
        Bury(handler);
    }

    /// <summary>Sends the runs of the batch that go to connections of this worker. UDP runs are left alone; the batch is not cleared.</summary>
    public SendResult Send(DatagramBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        var result = default(SendResult);
        if (!batch.HasTcp) return result;
        foreach (ref readonly var run in batch.Runs)
        {
            if (run.Path.IsTcp) result += Send(run.Path.TcpConnectionId, batch.Buffer.Slice(run.Offset, run.Length), run.SegmentLength);
        }

        return result;
    }

    /// <summary>Sends one datagram.</summary>
    /// <returns>False when it was dropped: the connection is gone or its queue full.</returns>
    public bool Send(int connectionId, ReadOnlySpan<byte> datagram) =>
        !datagram.IsEmpty && Send(connectionId, datagram, datagram.Length).Sent == 1;

    /// <summary>Closes connections without a valid frame for too long, and accepts again after a want of descriptors. About once a second.</summary>
    public void CloseIdle(MonotonicTime now, ITcpFrames handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        foreach (var connection in _connections.Values)
        {
            if (connection.IsBroken || now - connection.LastValidAt < _options.IdleTimeout) continue;
            connection.Break(DropReason.TcpIdle);
            _broken.Add(connection);
        }

        Bury(handler);
        if (!_paused) return;
        _paused = false;
        _poller.Add(_listener.PollTarget, ListenerToken, PollEvents.Readable);
    }

    /// <summary>Closes a connection soon; unknown ids are ignored. The handler hears of it with the next report or <see cref="CloseIdle"/>.</summary>
    public void Close(int connectionId)
    {
        if (!_connections.TryGetValue(connectionId, out var connection) || connection.IsBroken) return;
        connection.Break(DropReason.None);
        _broken.Add(connection);
    }

    /// <summary>Closes everything, without telling a handler.</summary>
    public void Dispose()
    {
        foreach (var connection in _connections.Values)
        {
            _poller.Remove(connection.PollTarget);
            connection.Close();
        }

        _connections.Clear();
        _poller.Remove(_listener.PollTarget);
        _listener.Dispose();
    }

    private void Accept(MonotonicTime now, ITcpFrames handler)
    {
        for (var i = 0; i < AcceptsPerRound; i++)
        {
            if (_listener.Accept(out var error) is { } socket)
            {
                Admit(socket, now, handler);
                continue;
            }

            if (error == SocketError.WouldBlock) return;
            Counters.AcceptErrors++;
            if (error is not (SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable)) continue;

            // The waiting connection stays readable and would be reported for ever; look again in a second.
            _poller.Remove(_listener.PollTarget);
            _paused = true;
            return;
        }
    }

    private void Admit(Socket socket, MonotonicTime now, ITcpFrames handler)
    {
        try
        {
            var remote = new TransportAddress((IPEndPoint)socket.RemoteEndPoint!);
            if (!_options.LocalAddresses.Accepts(new TransportAddress((IPEndPoint)socket.LocalEndPoint!)))
            {
                Refuse(socket, DropReason.UnlistedLocalAddress, handler);
                return;
            }

            if (_connections.Count >= _options.MaxConnections || !_sources.TryEnter(remote))
            {
                Refuse(socket, DropReason.TcpTooManyConnections, handler);
                return;
            }

            try
            {
                var connection = new TcpConnection(socket, NextId(), _options, now);
                _poller.Add(connection.PollTarget, -connection.Id, PollEvents.Readable);
                _connections.Add(connection.Id, connection);
                Counters.Accepted++;
            }
            catch
            {
                _sources.Leave(remote);
                throw;
            }
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            Counters.AcceptErrors++; // gone between accept and here
            socket.Dispose();
        }
    }

    private void Refuse(Socket socket, DropReason reason, ITcpFrames handler)
    {
        Counters.Refused++;
        socket.Dispose();
        handler.OnRefused(reason);
    }

    private int NextId()
    {
        // Every id of this worker is congruent to its number; after two thousand million of them they begin again.
        while (true)
        {
            var id = _nextId;
            _nextId = id > int.MaxValue - _workers - 1 ? ((id - 1) % _workers) + 1 : id + _workers;
            if (!_connections.ContainsKey(id)) return id;
        }
    }

    private SendResult Send(int connectionId, ReadOnlySpan<byte> datagrams, int segmentLength)
    {
        var count = (datagrams.Length + segmentLength - 1) / segmentLength;
        if (!_connections.TryGetValue(connectionId, out var connection) || connection.IsBroken)
        {
            Counters.DroppedClosed += count;
            return new SendResult(0, count);
        }

        var sent = 0;
        while (!datagrams.IsEmpty)
        {
            // A whole run, framed, in one system call; only a run of tiny datagrams needs more than one.
            var length = 0;
            var framed = 0;
            while (!datagrams.IsEmpty && length + segmentLength + Rfc4571Framer.HeaderLength <= _frames.Length)
            {
                var datagram = datagrams[..Math.Min(segmentLength, datagrams.Length)];
                length += Rfc4571Framer.Write(datagram, _frames.AsSpan(length));
                datagrams = datagrams[datagram.Length..];
                framed++;
            }

            var accepted = connection.Write(_frames.AsSpan(0, length), segmentLength + Rfc4571Framer.HeaderLength);
            sent += accepted;
            Counters.SentBytes += Math.Min(accepted * segmentLength, length - (framed * Rfc4571Framer.HeaderLength));
            if (accepted < framed) break;
        }

        Counters.SentFrames += sent;
        Counters.DroppedQueueFull += count - sent;
        Settle(connection);
        return new SendResult(sent, count - sent);
    }

    /// <summary>After any use: watch for writability while something waits, and remember a connection that broke.</summary>
    private void Settle(TcpConnection connection)
    {
        if (connection.IsBroken)
        {
            if (!_broken.Contains(connection)) _broken.Add(connection);
            return;
        }

        if (connection.HasWaiting == connection.IsWatchedForWriting) return;
        connection.IsWatchedForWriting = connection.HasWaiting;
        _poller.Change(connection.PollTarget, -connection.Id, connection.HasWaiting ? PollEvents.Readable | PollEvents.Writable : PollEvents.Readable);
    }

    private void Bury(ITcpFrames handler)
    {
        // By index: a handler may break further connections.
        for (var i = 0; i < _broken.Count; i++)
        {
            var connection = _broken[i];
            if (!_connections.Remove(connection.Id)) continue;
            _poller.Remove(connection.PollTarget);
            _sources.Leave(connection.Path.Remote);
            connection.Close();
            Counters.Closed++;
            if (connection.Reason == DropReason.TcpIdle) Counters.ClosedIdle++;
            else if (connection.Reason != DropReason.None) Counters.ClosedForProtocol++;
            handler.OnClosed(connection.Path, connection.Reason);
        }

        _broken.Clear();
    }
}
