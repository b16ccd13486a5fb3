using Broadcast.Media.Peers;
using Broadcast.Rtc;

namespace Broadcast.MediaNode.Udp;

/// <summary>The datagrams of one receive call, in preallocated pinned buffers.</summary>
/// <remarks>
/// Reused for every call; what it enumerates is valid until the next <see cref="DatagramSocket.Receive"/>. A message
/// the kernel coalesced from several datagrams (UDP_GRO) is enumerated as those datagrams. Owned by one worker.
/// </remarks>
public sealed class ReceiveBatch
{
    /// <summary>The longest message: a UDP payload, or a coalesced train of them.</summary>
    internal const int MaxMessageBytes = 65_536;

    /// <summary>Room for the control messages asked for: local address 40, time 32, segment length 24.</summary>
    internal const int ControlBytes = 128;

    // An odd number of cache lines beyond 64 KiB: with a power of two, the heads of all messages, which are all that
    // is ever touched when nothing is coalesced, would compete for the same few cache sets.
    private const int Stride = MaxMessageBytes + (19 * 64);

    private readonly byte[] _data;
    private readonly Message[] _messages;
    private int _messageCount;

    /// <summary>Allocates the buffers: about 65 KiB of address space per message, of which only touched pages cost memory.</summary>
    /// <param name="messages">Messages per system call, 1 to 1024.</param>
    public ReceiveBatch(int messages = 32)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(messages, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(messages, 1024);
        _data = GC.AllocateUninitializedArray<byte>(messages * Stride, pinned: true);
        _messages = new Message[messages];
        Names = GC.AllocateArray<byte>(messages * SocketName.MaxLength, pinned: true);
        Control = GC.AllocateArray<byte>(messages * ControlBytes, pinned: true);
        Vectors = GC.AllocateArray<IoVector>(messages, pinned: true);
        Headers = GC.AllocateArray<MessageHeader>(messages, pinned: true);
        BindHeaders();
    }

    /// <summary>Messages per call.</summary>
    public int Capacity => _messages.Length;

    /// <summary>Datagrams held now.</summary>
    public int Count { get; private set; }

    internal byte[] Names { get; }

    internal byte[] Control { get; }

    internal IoVector[] Vectors { get; }

    internal MessageHeader[] Headers { get; }

    /// <summary>Enumerates the datagrams in the order of arrival. The bytes may be changed in place.</summary>
    public Enumerator GetEnumerator() => new(this);

    internal Span<byte> MessageBuffer(int index) => _data.AsSpan(index * Stride, MaxMessageBytes);

    internal void Clear()
    {
        _messageCount = 0;
        Count = 0;
    }

    /// <summary>Records the message in buffer <paramref name="index"/>.</summary>
    internal void Add(int index, int length, int segmentLength, in TransportPath path, MonotonicTime receivedAt)
    {
        if (segmentLength <= 0 || segmentLength > length) segmentLength = length;
        ref var message = ref _messages[_messageCount++];
        message.Offset = index * Stride;
        message.Length = length;
        message.SegmentLength = segmentLength;
        message.Path = path;
        message.ReceivedAt = receivedAt;
        Count += length == 0 ? 1 : (length + segmentLength - 1) / segmentLength;
    }

    // Safety: all five arrays are pinned for life and referenced by this object, and each header gets the part of them
    // that belongs to its index, so the addresses stored here stay valid and disjoint as long as the batch does.
    private unsafe void BindHeaders()
    {
        fixed (byte* data = _data)
        fixed (byte* names = Names)
        fixed (byte* control = Control)
        fixed (IoVector* vectors = Vectors)
        {
            for (var i = 0; i < Headers.Length; i++)
            {
                vectors[i] = new IoVector { Base = data + ((nint)i * Stride), Length = MaxMessageBytes };
                ref var header = ref Headers[i];
                header.Name = names + (i * SocketName.MaxLength);
                header.Vectors = vectors + i;
                header.VectorCount = 1;
                header.Control = control + (i * ControlBytes);
            }
        }
    }

    internal struct Message
    {
        public TransportPath Path;
        public MonotonicTime ReceivedAt;
        public int Offset;
        public int Length;
        public int SegmentLength;
    }

    /// <summary>Walks the datagrams of a batch.</summary>
    public ref struct Enumerator
    {
        private readonly ReceiveBatch _batch;
        private int _message = -1;
        private int _next;
        private int _offset;
        private int _length;

        internal Enumerator(ReceiveBatch batch) => _batch = batch;

        /// <summary>The datagram at hand.</summary>
        public readonly ReceivedDatagram Current => new(_batch._data.AsSpan(_offset, _length), ref _batch._messages[_message]);

        /// <summary>Steps to the next datagram.</summary>
        public bool MoveNext()
        {
            if (_message >= 0)
            {
                ref var message = ref _batch._messages[_message];
                if (_next < message.Length)
                {
                    _offset = message.Offset + _next;
                    _length = Math.Min(message.SegmentLength, message.Length - _next);
                    _next += _length;
                    return true;
                }
            }

            if (_message + 1 >= _batch._messageCount) return false;
            ref var first = ref _batch._messages[++_message];
            _offset = first.Offset;
            _length = first.SegmentLength;
            _next = _length;
            return true;
        }
    }
}

/// <summary>One received datagram, viewed in its batch.</summary>
public readonly ref struct ReceivedDatagram
{
    private readonly ref readonly ReceiveBatch.Message _message;

    internal ReceivedDatagram(Span<byte> data, ref readonly ReceiveBatch.Message message)
    {
        Data = data;
        _message = ref message;
    }

    /// <summary>The payload, writable so that it can be decrypted in place. May be empty.</summary>
    public Span<byte> Data { get; }

    /// <summary>The path to answer on: where it came from and which local address it was sent to.</summary>
    public readonly ref readonly TransportPath Path => ref _message.Path;

    /// <summary>The sender.</summary>
    public TransportAddress Remote => _message.Path.Remote;

    /// <summary>The local address and port it was sent to; none when the system does not tell.</summary>
    public TransportAddress Local => _message.Path.Local;

    /// <summary>When the kernel took it from the network; for coalesced datagrams the time of the first.</summary>
    public MonotonicTime ReceivedAt => _message.ReceivedAt;
}
