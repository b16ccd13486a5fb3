using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Broadcast.Media.Peers;
using Broadcast.Media.Send;
using Broadcast.Rtc;

namespace Broadcast.MediaNode.Udp;

/// <summary>The fallback for systems other than Linux: one framework call per datagram, no local addresses, no kernel time.</summary>
internal sealed class PortableUdpSocket : DatagramSocket
{
    private readonly Socket _socket;
    private readonly SocketAddress _from;
    private readonly SocketAddress _to;

    /// <summary>Opens and binds.</summary>
    public PortableUdpSocket(DatagramSocketOptions options)
    {
        HasIPv6 = !options.WithoutIPv6 && Socket.OSSupportsIPv6 && options.BindAddress?.AddressFamily != AddressFamily.InterNetwork;
        var family = HasIPv6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork;
        try
        {
            _socket = new Socket(family, SocketType.Dgram, ProtocolType.Udp) { Blocking = false };
            if (HasIPv6) _socket.DualMode = options.BindAddress is null;
            _socket.ReceiveBufferSize = options.ReceiveBufferBytes;
            _socket.SendBufferSize = options.SendBufferBytes;
            if (options.ReusePort && OperatingSystem.IsLinux()) _socket.SetRawSocketOption(LibcConstants.SolSocket, LibcConstants.SoReusePort, [1, 0, 0, 0]);
            _socket.Bind(new IPEndPoint(options.BindAddress ?? (HasIPv6 ? IPAddress.IPv6Any : IPAddress.Any), options.Port));
        }
        catch (SocketException e)
        {
            _socket?.Dispose();
            throw new IOException($"UDP {options.BindAddress}:{options.Port}: {e.Message}", e);
        }

        LocalAddress = new TransportAddress((IPEndPoint)_socket.LocalEndPoint!);
        _from = new SocketAddress(family);
        _to = new SocketAddress(family);
    }

    /// <inheritdoc/>
    public override TransportAddress LocalAddress { get; }

    /// <inheritdoc/>
    public override bool HasIPv6 { get; }

    /// <inheritdoc/>
    public override bool Segments => false;

    /// <inheritdoc/>
    public override bool Coalesces => false;

    /// <inheritdoc/>
    public override int ReceiveBufferBytes => _socket.ReceiveBufferSize;

    /// <inheritdoc/>
    public override PollTarget PollTarget => PollTarget.Of(_socket);

    /// <inheritdoc/>
    public override int Receive(ReceiveBatch batch)
    {
        batch.Clear();
        for (var i = 0; i < batch.Capacity && _socket.Poll(0, SelectMode.SelectRead); i++)
        {
            Counters.ReceiveCalls++;
            try
            {
                var length = _socket.ReceiveFrom(batch.MessageBuffer(i), SocketFlags.None, _from);
                batch.Add(i, length, 0, new TransportPath(Read(_from), default), MonotonicClock.Now());
                Counters.ReceivedDatagrams++;
                Counters.ReceivedBytes += length;
            }
            catch (SocketException e)
            {
                // Windows reports a peer's closed port here; nothing was read.
                Counters.ReceiveErrors++;
                Counters.LastError = e.NativeErrorCode;
                break;
            }
        }

        return batch.Count;
    }

    /// <inheritdoc/>
    public override SendResult Send(DatagramBatch batch)
    {
        var result = default(SendResult);
        foreach (ref readonly var run in batch.Runs)
        {
            if (run.Path.IsTcp) continue;
            Write(_to, run.Path.Remote);
            for (var at = 0; at < run.Length; at += run.SegmentLength)
                result += SendOne(batch.Buffer.Slice(run.Offset + at, Math.Min(run.SegmentLength, run.Length - at)));
        }

        return result;
    }

    /// <inheritdoc/>
    public override long ReadKernelDrops() => 0;

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) _socket.Dispose();
    }

    private SendResult SendOne(ReadOnlySpan<byte> datagram)
    {
        Counters.SendCalls++;
        try
        {
            _socket.SendTo(datagram, SocketFlags.None, _to);
            Counters.SentDatagrams++;
            Counters.SentBytes += datagram.Length;
            return new SendResult(1, 0);
        }
        catch (SocketException e)
        {
            Counters.LastError = e.NativeErrorCode;
            switch (e.SocketErrorCode)
            {
                case SocketError.WouldBlock:
                    Counters.DroppedQueueFull++;
                    break;
                case SocketError.NoBufferSpaceAvailable:
                    Counters.DroppedNoBuffers++;
                    break;
                case SocketError.HostUnreachable or SocketError.NetworkUnreachable or SocketError.ConnectionRefused or SocketError.ConnectionReset or SocketError.HostDown or SocketError.NetworkDown:
                    Counters.DroppedUnreachable++;
                    break;
                default:
                    Counters.DroppedFailed++;
                    break;
            }

            return new SendResult(0, 1);
        }
    }

    // Port, addresses and scope lie at the same offsets on every system; only the family's encoding differs, and the
    // framework has written that.
    private static TransportAddress Read(SocketAddress name)
    {
        var bytes = name.Buffer.Span;
        var port = BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]);
        return name.Family == AddressFamily.InterNetwork
            ? SocketName.FromIPv4(bytes.Slice(4, 4), port)
            : new TransportAddress(bytes.Slice(8, 16), port, MemoryMarshal.Read<uint>(bytes[24..]));
    }

    private static void Write(SocketAddress name, in TransportAddress address)
    {
        var bytes = name.Buffer.Span;
        BinaryPrimitives.WriteUInt16BigEndian(bytes[2..], address.Port);
        if (name.Family == AddressFamily.InterNetwork)
        {
            BinaryPrimitives.WriteUInt32BigEndian(bytes[4..], address.IPv4);
            return;
        }

        address.CopyAddressTo(bytes[8..]);
        MemoryMarshal.Write(bytes[24..], address.ScopeId);
    }
}
