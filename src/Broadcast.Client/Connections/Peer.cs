using Broadcast.Media.Peers;
using Broadcast.MediaNode.Udp;
using Broadcast.Rtc;
using Broadcast.Rtc.Dtls;
using Broadcast.Rtc.Srtp;

namespace Broadcast.Client.Connections;

/// <summary>The transport of one session: a socket, ICE, DTLS and SRTP; media are left to an <see cref="IPeerMedia"/>.</summary>
/// <remarks>Belongs to one loop; not thread-safe. ICE connected → DTLS handshake → keys → media.</remarks>
internal sealed class Peer : IDisposable
{
    private const int ShortestRtp = 12;

    private readonly EventLoop _loop;
    private readonly DtlsTransport _dtls;
    private readonly IPeerMedia _media;
    private TransportPath _path;
    private bool _closed;

    /// <summary>Joins the parts of a session; all are disposed of with it.</summary>
    public Peer(EventLoop loop, DatagramSocket socket, IceAgent ice, DtlsTransport dtls, IPeerMedia media)
    {
        _loop = loop;
        Socket = socket;
        Ice = ice;
        _dtls = dtls;
        _media = media;
    }

    /// <summary>The session's own socket.</summary>
    public DatagramSocket Socket { get; }

    /// <summary>The connectivity part.</summary>
    public IceAgent Ice { get; }

    /// <summary>The loop it belongs to.</summary>
    public EventLoop Loop => _loop;

    /// <summary>Protects what is sent; null before the handshake is done.</summary>
    public SrtpSender? Sender { get; private set; }

    /// <summary>Unprotects what is received; null before the handshake is done.</summary>
    public SrtpReceiver? Receiver { get; private set; }

    /// <summary>The loop's number for it.</summary>
    public int Token { get; set; }

    /// <summary>The deadline the loop has queued, in nanoseconds.</summary>
    public long ScheduledAt { get; set; } = long.MaxValue;

    /// <summary>Nothing more is sent or received.</summary>
    public bool IsClosed => _closed;

    /// <summary>When <see cref="HandleTimeout"/> is due.</summary>
    public MonotonicTime NextTimeout
    {
        get
        {
            if (_closed) return MonotonicTime.Never;
            var due = MonotonicTime.Min(Ice.NextCheck, _dtls.NextTimeout);
            return Sender is null ? due : MonotonicTime.Min(due, _media.NextTimeout);
        }
    }

    /// <summary>Sends the first check.</summary>
    public void Start(MonotonicTime now) => HandleTimeout(now);

    /// <summary>Reads all that waits in the socket.</summary>
    public void Receive(ReceiveBatch batch)
    {
        while (!_closed)
        {
            var count = Socket.Receive(batch);
            foreach (var datagram in batch) Receive(datagram);
            if (count < batch.Capacity) break; // a full batch may hide more; a level-triggered poller finds stragglers
        }

        if (Socket is TcpLink { HasEnded: true }) End("the server closed the connection");
    }

    /// <summary>Does what is due.</summary>
    public void HandleTimeout(MonotonicTime now)
    {
        if (_closed) return;
        if (Ice.HasLostConsent(now))
        {
            End("the server no longer answers connectivity checks");
            return;
        }

        SendCheck(now);
        if (now >= _dtls.NextTimeout)
        {
            _dtls.HandleTimeout(now);
            AfterDtls(now);
        }

        if (Sender is not null && now >= _media.NextTimeout) _media.HandleTimeout(now);
    }

    /// <summary>Room for one datagram to the server in <see cref="EventLoop.Outgoing"/>; what is full is sent first.</summary>
    public Span<byte> Reserve(int maxLength)
    {
        if (_loop.Outgoing.TryReserve(maxLength, out var slot)) return slot;
        Flush();
        return _loop.Outgoing.TryReserve(maxLength, out slot) ? slot : throw new ArgumentOutOfRangeException(nameof(maxLength));
    }

    /// <summary>Takes the datagram just written.</summary>
    public void Commit(int length) => _loop.Outgoing.Commit(_path, length);

    /// <summary>Sends what was committed.</summary>
    public void Flush()
    {
        if (_loop.Outgoing.IsEmpty) return;
        Socket.Send(_loop.Outgoing);
        _loop.Outgoing.Clear();
    }

    /// <summary>Protects and sends a compound RTCP packet of at most 1,200 bytes.</summary>
    public void SendRtcp(scoped ReadOnlySpan<byte> packet)
    {
        var slot = Reserve(packet.Length + SrtpLimits.MaxRtcpOverhead);
        packet.CopyTo(slot);
        Commit(Sender!.ProtectRtcp(slot, packet.Length));
        Flush();
    }

    /// <summary>Says goodbye to the server.</summary>
    public void Close()
    {
        if (_closed) return;
        _closed = true;
        _dtls.Close();
        SendDtls();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _closed = true;
        _dtls.Dispose();
        Sender?.Dispose();
        Receiver?.Dispose();
        Socket.Dispose();
    }

    private void Receive(in ReceivedDatagram datagram)
    {
        var data = datagram.Data;
        if (data.IsEmpty || _closed) return;
        switch (data[0]) // RFC 7983
        {
            case >= 128 and <= 191 when data.Length >= ShortestRtp && Receiver is not null:
                _dtls.ReleaseHandshake(); // media prove that the server is through, too
                if (data[1] is < 192 or > 223) _media.HandleRtp(data, datagram.ReceivedAt);
                else if (Receiver.UnprotectRtcp(data, out var length) == DropReason.None) _media.HandleRtcp(data[..length], datagram.ReceivedAt);
                else _loop.Counters.AuthenticationFailures++;
                break;
            case <= 3:
                ReceiveStun(data, datagram);
                break;
            case >= 20 and <= 63:
                if (!Ice.IsConnected) break;
                _dtls.Receive(data, datagram.ReceivedAt);
                AfterDtls(datagram.ReceivedAt);
                break;
        }
    }

    private void ReceiveStun(ReadOnlySpan<byte> data, in ReceivedDatagram datagram)
    {
        var remote = datagram.Remote;
        var wasConnected = Ice.IsConnected;
        var slot = Reserve(128);
        var length = Ice.Receive(data, remote, datagram.ReceivedAt, slot);
        if (length > 0)
        {
            _loop.Outgoing.Commit(new TransportPath(remote, default), length);
            Flush();
        }

        if (!Ice.IsConnected) return;
        _path = new TransportPath(Ice.Selected, default);
        if (wasConnected) return;
        _dtls.Start(datagram.ReceivedAt);
        AfterDtls(datagram.ReceivedAt);
    }

    private void SendCheck(MonotonicTime now)
    {
        var slot = Reserve(256);
        var length = Ice.WriteCheck(slot, now, out var to);
        if (length == 0) return;
        _loop.Outgoing.Commit(new TransportPath(to, default), length);
        Flush();
    }

    private void AfterDtls(MonotonicTime now)
    {
        SendDtls();
        switch (_dtls.State)
        {
            case DtlsState.Connected when Sender is null:
                _dtls.TakeKeyingMaterial(out var sender, out var receiver);
                (Sender, Receiver) = (sender, receiver);
                _media.HandleConnected(this, now);
                break;
            case DtlsState.Failed:
                End(_dtls.FailureReason ?? "the DTLS handshake failed");
                break;
            case DtlsState.Closed:
                End("the server closed the session");
                break;
        }
    }

    private void SendDtls()
    {
        while (true)
        {
            var slot = Reserve(DtlsTransport.MaxDatagramLength);
            if (!_dtls.TryTakeDatagram(slot, out var length)) break;
            Commit(length);
        }

        Flush();
    }

    private void End(string reason)
    {
        if (_closed) return;
        _closed = true;
        _media.HandleClosed(reason);
    }
}
