using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Broadcast.Media.Peers;
using Broadcast.MediaNode.Udp;
using Broadcast.Rtc;

namespace Broadcast.MediaNode.Tcp;

/// <summary>One accepted ICE-TCP connection: a framer for what comes, a bounded queue for what goes.</summary>
/// <remarks>Nothing blocks or throws; a fault is remembered in <see cref="IsBroken"/> and its owner buries it. Owned by one worker.</remarks>
internal sealed class TcpConnection
{
    private const int TcpNotSentLowWater = 25;
    private const int NotSentBytes = 64 * 1024;
    private const int MinStunLength = 20;
    private const uint StunMagicCookie = 0x2112A442;

    private readonly Socket _socket;
    private readonly Rfc4571Framer _framer = new();
    private readonly TcpWriteQueue _queue;
    private readonly TransportPath _path;
    private bool _spokeStun;

    /// <summary>Takes over an accepted socket.</summary>
    /// <exception cref="SocketException">The peer is gone already.</exception>
    public TcpConnection(Socket socket, int id, TcpOptions options, MonotonicTime now)
    {
        socket.Blocking = false;
        socket.NoDelay = true;
        if (options.SendBufferBytes > 0) socket.SendBufferSize = options.SendBufferBytes;

        // Else the kernel would take megabytes for a slow peer: seconds of old video that nobody could drop any more.
        if (OperatingSystem.IsLinux()) socket.SetRawSocketOption((int)ProtocolType.Tcp, TcpNotSentLowWater, BitConverter.GetBytes(NotSentBytes));
        _socket = socket;
        _queue = new TcpWriteQueue(options.WriteQueueBytes);
        _path = new TransportPath(new TransportAddress((IPEndPoint)socket.RemoteEndPoint!), new TransportAddress((IPEndPoint)socket.LocalEndPoint!), id);
        Id = id;
        LastValidAt = now;
        PollTarget = PollTarget.Of(socket);
    }

    /// <summary>The id in <see cref="TransportPath.TcpConnectionId"/>.</summary>
    public int Id { get; }

    /// <summary>The path frames come and go on.</summary>
    public ref readonly TransportPath Path => ref _path;

    /// <summary>What to watch.</summary>
    public PollTarget PollTarget { get; }

    /// <summary>When a peer last took a frame.</summary>
    public MonotonicTime LastValidAt { get; private set; }

    /// <summary>True while bytes wait for the kernel: watch for writability.</summary>
    public bool HasWaiting => !_queue.IsEmpty;

    /// <summary>What the poller was last told about <see cref="HasWaiting"/>.</summary>
    public bool IsWatchedForWriting { get; set; }

    /// <summary>True when the connection can only be closed.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>Why this side broke it; <see cref="DropReason.None"/> when the other did.</summary>
    public DropReason Reason { get; private set; }

    /// <summary>Reads what is there, a bounded amount, and hands over the whole frames in it.</summary>
    public void Read(ITcpFrames handler, MonotonicTime now, TcpCounters counters)
    {
        // 16 reads are 64 KB; the rest is reported again, so one fast peer does not hold up the others.
        for (var i = 0; i < 16 && !IsBroken; i++)
        {
            var space = _framer.Space;
            var length = _socket.Receive(space, SocketFlags.None, out var error);
            if (error is SocketError.WouldBlock or SocketError.Interrupted) return;
            if (error != SocketError.Success || length == 0)
            {
                Break(DropReason.None);
                return;
            }

            _framer.Commit(length);
            TakeFrames(handler, now, counters);
            if (length < space.Length) return;
        }
    }

    /// <summary>Sends whole frames, as much as the kernel takes, and queues the rest.</summary>
    /// <param name="frames">Frames back to back.</param>
    /// <param name="frameLength">Bytes of each frame but the last.</param>
    /// <returns>The number of frames sent or queued; the others were dropped, newest first.</returns>
    public int Write(ReadOnlySpan<byte> frames, int frameLength)
    {
        var total = (frames.Length + frameLength - 1) / frameLength;
        if (IsBroken) return 0;
        var written = _queue.IsEmpty ? WriteNow(frames) : 0;
        if (IsBroken) return 0;

        // A frame cut in the middle has to be finished, or the stream would lose its boundaries; an empty queue always
        // has room for it.
        var whole = written / frameLength;
        var rest = frames[written..];
        for (var frame = whole; frame < total; frame++)
        {
            var length = Math.Min(((frame + 1) * frameLength) - written, rest.Length);
            if (!_queue.TryAppend(rest[..length])) return frame;
            rest = rest[length..];
            written += length;
        }

        return total;
    }

    /// <summary>Sends what waits, as much as the kernel takes.</summary>
    public void Flush()
    {
        while (!_queue.IsEmpty && !IsBroken)
        {
            var written = WriteNow(_queue.Waiting);
            if (written == 0) return;
            _queue.Consume(written);
        }
    }

    /// <summary>Ends the use of the connection.</summary>
    public void Break(DropReason reason)
    {
        if (IsBroken) return;
        IsBroken = true;
        Reason = reason;
    }

    /// <summary>Closes the socket and frees everything.</summary>
    public void Close()
    {
        IsBroken = true;
        _queue.Clear();
        _socket.Dispose();
    }

    private void TakeFrames(ITcpFrames handler, MonotonicTime now, TcpCounters counters)
    {
        while (!IsBroken)
        {
            var reason = _framer.TryTake(out var frame);
            if (reason == DropReason.None && frame.IsEmpty) return;
            if (reason == DropReason.None && !_spokeStun && !LooksLikeStun(frame)) reason = DropReason.TcpNotIce;
            if (reason != DropReason.None)
            {
                Break(reason);
                return;
            }

            _spokeStun = true;
            counters.ReceivedFrames++;
            counters.ReceivedBytes += frame.Length;
            if (handler.OnFrame(_path, frame, now) == DropReason.None) LastValidAt = now;
        }
    }

    private int WriteNow(ReadOnlySpan<byte> bytes)
    {
        var written = _socket.Send(bytes, SocketFlags.None, out var error);
        if (error == SocketError.Success) return written;
        if (error is not (SocketError.WouldBlock or SocketError.Interrupted)) Break(DropReason.None);
        return 0;
    }

    // RFC 6544 §9: connectivity checks come before anything else.
    private static bool LooksLikeStun(ReadOnlySpan<byte> frame) =>
        frame.Length >= MinStunLength && frame[0] < 4 && BinaryPrimitives.ReadUInt32BigEndian(frame[4..]) == StunMagicCookie;
}
