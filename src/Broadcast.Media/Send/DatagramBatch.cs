using Broadcast.Media.Peers;

namespace Broadcast.Media.Send;

/// <summary>Datagrams waiting for one flush, written back to back so that neighbours to one peer become one kernel send.</summary>
/// <remarks>
/// Call order per datagram: <see cref="TryReserve"/>, write into the slot, <see cref="Commit"/>. A slot that is not
/// committed is given out again. Owned by one media worker; not thread-safe. Allocates only in the constructor.
/// <para>
/// Datagrams that follow each other on one path join a <see cref="Run"/> as UDP segmentation offload wants it:
/// all segments equal, only the last one shorter. So write a peer's burst in one go.
/// </para>
/// </remarks>
public sealed class DatagramBatch
{
    private readonly byte[] _buffer;
    private readonly Run[] _runs;
    private readonly int _maxSegments;
    private readonly int _maxRunBytes;
    private int _length;
    private int _reserved;
    private int _runCount;
    private int _tcpRunCount;
    private int _datagramCount;

    /// <summary>Creates an empty batch.</summary>
    /// <param name="capacityBytes">Bytes of all datagrams together.</param>
    /// <param name="maxRuns">Runs per flush; the length of one <c>sendmmsg</c>.</param>
    /// <param name="maxSegments">Datagrams per run. Linux before 6.9 takes at most 64 per segmented send.</param>
    /// <param name="maxRunBytes">Bytes per run; with headers it must stay below 64 KiB.</param>
    public DatagramBatch(int capacityBytes = 256 * 1024, int maxRuns = 512, int maxSegments = 64, int maxRunBytes = 60_000)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacityBytes);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxRuns);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxSegments);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxRunBytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maxRunBytes, 65_000);

        // Pinned, because the kernel reads it by address.
        _buffer = GC.AllocateUninitializedArray<byte>(capacityBytes, pinned: true);
        _runs = new Run[maxRuns];
        _maxSegments = maxSegments;
        _maxRunBytes = maxRunBytes;
    }

    /// <summary>Datagrams of equal length (the last may be shorter) for one path, contiguous in <see cref="Buffer"/>.</summary>
    public struct Run
    {
        /// <summary>Where all of them go.</summary>
        public TransportPath Path { get; internal set; }

        /// <summary>Start of the first datagram in <see cref="Buffer"/>.</summary>
        public int Offset { get; internal set; }

        /// <summary>Bytes of all datagrams.</summary>
        public int Length { get; internal set; }

        /// <summary>Bytes of every datagram but the last.</summary>
        public int SegmentLength { get; internal set; }

        /// <summary>Number of datagrams, at least 1.</summary>
        public int Segments { get; internal set; }
    }

    /// <summary>The runs in the order they were written.</summary>
    public ReadOnlySpan<Run> Runs => new(_runs, 0, _runCount);

    /// <summary>The committed bytes. The array behind it is pinned for its whole life.</summary>
    public Span<byte> Buffer => new(_buffer, 0, _length);

    /// <summary>Datagrams committed since <see cref="Clear"/>.</summary>
    public int DatagramCount => _datagramCount;

    /// <summary>True when some run goes to a TCP connection.</summary>
    public bool HasTcp => _tcpRunCount != 0;

    /// <summary>True when some run goes by UDP.</summary>
    public bool HasUdp => _runCount != _tcpRunCount;

    /// <summary>True when there is nothing to flush.</summary>
    public bool IsEmpty => _runCount == 0;

    /// <summary>Gives room for one datagram at the end of the buffer.</summary>
    /// <param name="maxLength">The most bytes that will be written, authentication tag included.</param>
    /// <param name="slot">Exactly <paramref name="maxLength"/> bytes with undefined content, valid until the next call.</param>
    /// <returns>False when the batch has to be flushed first. A fresh batch takes any length up to its limits.</returns>
    public bool TryReserve(int maxLength, out Span<byte> slot)
    {
        if ((uint)maxLength > (uint)Math.Min(_buffer.Length - _length, _maxRunBytes) || _runCount == _runs.Length)
        {
            _reserved = 0;
            slot = default;
            return false;
        }

        _reserved = maxLength;
        slot = _buffer.AsSpan(_length, maxLength);
        return true;
    }

    /// <summary>Adds the datagram just written into the reserved slot.</summary>
    /// <param name="path">Where it goes.</param>
    /// <param name="length">Its bytes, from the slot's start.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="length"/> is not positive or exceeds the reservation.</exception>
    public void Commit(in TransportPath path, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, _reserved);
        _reserved = 0;
        _datagramCount++;
        var offset = _length;
        _length += length;

        if (_runCount != 0)
        {
            ref var last = ref _runs[_runCount - 1];
            if (length <= last.SegmentLength
                && last.Length == last.Segments * last.SegmentLength // a shorter datagram ended the run
                && last.Segments < _maxSegments
                && last.Length + length <= _maxRunBytes
                && last.Path.Equals(path))
            {
                last.Length += length;
                last.Segments++;
                return;
            }
        }

        if (path.IsTcp) _tcpRunCount++;
        ref var run = ref _runs[_runCount++];
        run.Path = path;
        run.Offset = offset;
        run.Length = length;
        run.SegmentLength = length;
        run.Segments = 1;
    }

    /// <summary>Forgets all datagrams; the buffer is used again from its start.</summary>
    public void Clear()
    {
        _length = 0;
        _reserved = 0;
        _runCount = 0;
        _tcpRunCount = 0;
        _datagramCount = 0;
    }
}
