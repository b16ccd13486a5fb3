using System.Buffers.Binary;
using Broadcast.Rtc;

namespace Broadcast.Media.Peers;

/// <summary>Cuts a TCP byte stream into the frames of RFC 4571 §2: a 16-bit big-endian length, then that many bytes.</summary>
/// <remarks>
/// Call order: read from the connection into <see cref="Space"/>, tell how much by <see cref="Commit"/>, then call
/// <see cref="TryTake"/> until it gives no frame. After a reason other than <see cref="DropReason.None"/> the stream
/// has no frame boundaries any more and must be closed. One buffer per connection; not thread-safe.
/// </remarks>
public sealed class Rfc4571Framer
{
    /// <summary>Bytes of the length field.</summary>
    public const int HeaderLength = 2;

    /// <summary>The longest frame taken: more than any STUN message, DTLS record or RTP packet of a browser.</summary>
    public const int DefaultMaxFrameLength = 2048;

    private readonly byte[] _buffer;
    private readonly int _maxFrameLength;
    private int _start;
    private int _end;

    /// <summary>Creates a framer with room for about two of the longest frames.</summary>
    /// <param name="maxFrameLength">1 to 65535.</param>
    public Rfc4571Framer(int maxFrameLength = DefaultMaxFrameLength)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxFrameLength);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maxFrameLength, ushort.MaxValue);
        _maxFrameLength = maxFrameLength;
        _buffer = new byte[2 * (maxFrameLength + HeaderLength)];
    }

    /// <summary>Where to put what comes next; never empty once <see cref="TryTake"/> has given no frame. Invalidates frames taken before.</summary>
    public Span<byte> Space
    {
        get
        {
            if (_start == _end)
            {
                _start = 0;
                _end = 0;
            }
            else if (_buffer.Length - _start < _maxFrameLength + HeaderLength)
            {
                // The frame begun here might not fit behind the earlier ones.
                _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
                _end -= _start;
                _start = 0;
            }

            return _buffer.AsSpan(_end);
        }
    }

    /// <summary>Takes over the first <paramref name="length"/> bytes written into <see cref="Space"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">More than there was space for.</exception>
    public void Commit(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, _buffer.Length - _end);
        _end += length;
    }

    /// <summary>Gives the next whole frame, without its length.</summary>
    /// <param name="frame">The frame, writable, valid until <see cref="Space"/> is used; empty when more bytes are needed.</param>
    /// <returns><see cref="DropReason.TcpFrameTooLarge"/> or <see cref="DropReason.TcpFrameEmpty"/> when the stream must be closed.</returns>
    public DropReason TryTake(out Span<byte> frame)
    {
        frame = default;
        var available = _end - _start;
        if (available < HeaderLength) return DropReason.None;
        var length = BinaryPrimitives.ReadUInt16BigEndian(_buffer.AsSpan(_start));
        if (length == 0) return DropReason.TcpFrameEmpty;
        if (length > _maxFrameLength) return DropReason.TcpFrameTooLarge;
        if (available < HeaderLength + length) return DropReason.None;
        frame = _buffer.AsSpan(_start + HeaderLength, length);
        _start += HeaderLength + length;
        return DropReason.None;
    }

    /// <summary>Writes one datagram as a frame.</summary>
    /// <param name="datagram">1 to 65535 bytes.</param>
    /// <param name="destination">At least <see cref="HeaderLength"/> bytes longer.</param>
    /// <returns>Bytes written.</returns>
    /// <exception cref="ArgumentException">The datagram is empty or too long, or the destination too short.</exception>
    public static int Write(ReadOnlySpan<byte> datagram, Span<byte> destination)
    {
        if (datagram.IsEmpty || datagram.Length > ushort.MaxValue) throw new ArgumentException("A frame has 1 to 65535 bytes.", nameof(datagram));
        datagram.CopyTo(destination[HeaderLength..]);
        BinaryPrimitives.WriteUInt16BigEndian(destination, (ushort)datagram.Length);
        return HeaderLength + datagram.Length;
    }
}
