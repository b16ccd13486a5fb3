using System.Buffers.Binary;
using System.Net.Sockets;
using Broadcast.Media.Peers;
using Broadcast.Media.Send;
using Broadcast.MediaNode;
using Broadcast.MediaNode.Udp;
using Broadcast.Rtc;

namespace Broadcast.Client.Connections;

/// <summary>An ICE-TCP connection (RFC 6544) in the place of a UDP socket: each datagram behind its 16-bit length (RFC 4571).</summary>
/// <remarks>Belongs to one loop.</remarks>
internal sealed class TcpLink : DatagramSocket
{
    private const int PrefixLength = 2;

    private readonly Socket _socket;
    private readonly TransportPath _path;
    private readonly byte[] _incoming = new byte[128 * 1024];
    private readonly byte[] _outgoing = new byte[64 * 1024];
    private int _begin;
    private int _end;

    private TcpLink(Socket socket, TransportAddress remote)
    {
        _socket = socket;
        _path = new TransportPath(remote, default);
        LocalAddress = new TransportAddress((System.Net.IPEndPoint)socket.LocalEndPoint!);
    }

    /// <inheritdoc/>
    public override TransportAddress LocalAddress { get; }

    /// <inheritdoc/>
    public override bool HasIPv6 => true;

    /// <inheritdoc/>
    public override bool Segments => false;

    /// <inheritdoc/>
    public override bool Coalesces => false;

    /// <inheritdoc/>
    public override int ReceiveBufferBytes => _socket.ReceiveBufferSize;

    /// <inheritdoc/>
    public override PollTarget PollTarget => PollTarget.Of(_socket);

    /// <summary>The server closed the connection.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>Connects to a passive candidate.</summary>
    /// <exception cref="SocketException">It does not accept.</exception>
    public static async Task<TcpLink> ConnectAsync(TransportAddress remote, CancellationToken cancellation)
    {
        var endPoint = remote.ToEndPoint();
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(endPoint, cancellation);
            socket.Blocking = false;
            return new TcpLink(socket, remote);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override int Receive(ReceiveBatch batch)
    {
        batch.Clear();
        var now = MonotonicClock.Now();
        while (batch.Count < batch.Capacity)
        {
            if (TryTakeFrame(batch, now)) continue;
            if (!TryRead()) break;
        }

        return batch.Count;
    }

    /// <inheritdoc/>
    public override SendResult Send(DatagramBatch batch)
    {
        var sent = 0;
        foreach (ref readonly var run in batch.Runs)
        {
            for (var offset = 0; offset < run.Length; offset += run.SegmentLength)
            {
                var datagram = batch.Buffer.Slice(run.Offset + offset, Math.Min(run.SegmentLength, run.Length - offset));
                BinaryPrimitives.WriteUInt16BigEndian(_outgoing, (ushort)datagram.Length);
                datagram.CopyTo(_outgoing.AsSpan(PrefixLength));
                if (!TryWrite(_outgoing.AsSpan(0, PrefixLength + datagram.Length))) return new SendResult(sent, 1);
                sent++;
            }
        }

        return new SendResult(sent, 0);
    }

    /// <inheritdoc/>
    public override long ReadKernelDrops() => 0;

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) _socket.Dispose();
    }

    private bool TryTakeFrame(ReceiveBatch batch, MonotonicTime now)
    {
        var waiting = _incoming.AsSpan(_begin, _end - _begin);
        if (waiting.Length < PrefixLength) return false;
        int length = BinaryPrimitives.ReadUInt16BigEndian(waiting);
        if (waiting.Length < PrefixLength + length) return false;
        waiting.Slice(PrefixLength, length).CopyTo(batch.MessageBuffer(batch.Count));
        batch.Add(batch.Count, length, length, _path, now);
        _begin += PrefixLength + length;
        return true;
    }

    private bool TryRead()
    {
        if (_begin > 0)
        {
            _incoming.AsSpan(_begin, _end - _begin).CopyTo(_incoming);
            _end -= _begin;
            _begin = 0;
        }

        var read = _socket.Receive(_incoming.AsSpan(_end), SocketFlags.None, out var error);
        if (error == SocketError.WouldBlock) return false;
        if (read <= 0 || error != SocketError.Success)
        {
            HasEnded = true;
            return false;
        }

        _end += read;
        return true;
    }

    /// <summary>What goes to a server is little; a full buffer means that it hangs, and the wait is bounded.</summary>
    private bool TryWrite(ReadOnlySpan<byte> bytes)
    {
        for (var attempt = 0; attempt < 100 && !bytes.IsEmpty; attempt++)
        {
            var written = _socket.Send(bytes, SocketFlags.None, out var error);
            if (error == SocketError.Success) bytes = bytes[written..];
            else if (error != SocketError.WouldBlock) return false;
            else _socket.Poll(1_000, SelectMode.SelectWrite);
        }

        return bytes.IsEmpty;
    }
}
