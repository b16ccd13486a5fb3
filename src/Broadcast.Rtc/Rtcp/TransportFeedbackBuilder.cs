using System.Numerics;

namespace Broadcast.Rtc.Rtcp;

/// <summary>Collects packet arrivals of one publisher's transport and reports them as transport-wide feedback
/// (draft-holmer-rmcat-transport-wide-cc-extensions-01).</summary>
/// <remarks>
/// Every packet of the transport is to be added: media, retransmissions, padding, probes and packets nobody wants. The first
/// arrival counts. A packet that arrives after its neighbours were reported lowers the base of the next report, if those came
/// at most 500 ms before it. Memory is fixed at construction; a gap of any size costs at most one clearing of it.
/// Owned by one peer; not thread-safe.
/// </remarks>
public sealed class TransportFeedbackBuilder
{
    /// <summary>Packets remembered unless said otherwise: about 400 ms at 5,000 packets per second, in 16 KB.</summary>
    public const int DefaultCapacity = 2048;

    /// <summary>Longest packet that is built, so that it fits a datagram beside others.</summary>
    public const int MaximumLength = 1100;

    /// <summary>Shortest destination with which progress is sure.</summary>
    public const int MinimumLength = 64;

    private const long LookBackTicks = 500_000_000 / TransportFeedbackFormat.NanosecondsPerTick;

    private readonly ArrivalHistory _history;
    private long _reportedEnd;
    private bool _any;
    private byte _feedbackCount;

    /// <summary>Allocates the ring.</summary>
    /// <param name="capacity">Packets to remember: a power of two from 256 to 4096.</param>
    /// <exception cref="ArgumentOutOfRangeException">The capacity is not one of those.</exception>
    public TransportFeedbackBuilder(int capacity = DefaultCapacity)
    {
        // Above 4096, what precedes the first arrival would no longer fit one run-length chunk.
        if (capacity is < 256 or > 4096 || !BitOperations.IsPow2(capacity)) throw new ArgumentOutOfRangeException(nameof(capacity));
        _history = new ArrivalHistory(capacity);
    }

    /// <summary>True when a packet arrived that was not reported yet.</summary>
    public bool HasPending => _any && _reportedEnd < _history.End;

    /// <summary>When <see cref="Build"/> last built a packet; <see cref="MonotonicTime.Zero"/> before the first.</summary>
    public MonotonicTime LastBuilt { get; private set; }

    /// <summary>Notes the arrival of a packet.</summary>
    /// <param name="transportSequenceNumber">From its header extension.</param>
    /// <param name="arrival">When it reached the socket.</param>
    public void Add(ushort transportSequenceNumber, MonotonicTime arrival)
    {
        var ticks = FloorDivide(arrival.Nanoseconds, TransportFeedbackFormat.NanosecondsPerTick);
        var previousEnd = _history.End;
        if (!_history.TryAdd(transportSequenceNumber, ticks, out var extended)) return;

        if (!_any)
        {
            _any = true;
            _reportedEnd = extended;
        }
        else if (extended < _reportedEnd && IsWithinLookBack(extended, ticks, previousEnd))
        {
            _reportedEnd = extended;
        }

        // What fell out of the ring is never reported.
        _reportedEnd = Math.Max(_reportedEnd, _history.First);
    }

    /// <summary>Writes the next report. Call until it returns 0: what does not fit one packet goes into the next.</summary>
    /// <param name="destination">At least <see cref="MinimumLength"/> bytes; at most <see cref="MaximumLength"/> are used.</param>
    /// <param name="senderSsrc">This server's SSRC toward the publisher.</param>
    /// <param name="mediaSsrc">Any SSRC of the publisher.</param>
    /// <param name="now">Kept as <see cref="LastBuilt"/>.</param>
    /// <returns>Length in bytes, a multiple of 4; 0 when nothing is pending or the destination is too short.</returns>
    public int Build(Span<byte> destination, uint senderSsrc, uint mediaSsrc, MonotonicTime now)
    {
        if (!HasPending || destination.Length < MinimumLength) return 0;
        if (destination.Length > MaximumLength) destination = destination[..MaximumLength];

        // :: Step 1: packets lost before the first arrival, as one run
        var first = _reportedEnd;
        long firstTicks;
        while (!_history.TryGet(first, out firstTicks)) first++;
        var lostFirst = (int)(first - _reportedEnd);
        var referenceTime = firstTicks >> TransportFeedbackFormat.TicksPerReferenceBits;
        var writer = new TransportFeedbackWriter(destination);
        writer.AddLostRun(lostFirst);

        // :: Step 2: a symbol and a delta per packet, as many as surely fit
        var room = (int)Math.Min(_history.End - first, TransportFeedbackWriter.MaximumSymbols(destination.Length));
        Span<byte> symbols = stackalloc byte[room];
        Span<short> deltas = stackalloc short[room];
        var previous = referenceTime << TransportFeedbackFormat.TicksPerReferenceBits;
        var count = 0;
        for (; count < room; count++)
        {
            symbols[count] = TransportFeedbackFormat.NotReceived;
            if (!_history.TryGet(first + count, out var ticks)) continue;

            // More than 8 s between neighbours: the next packet has a reference time of its own.
            var delta = ticks - previous;
            if (delta is < short.MinValue or > short.MaxValue) break;
            symbols[count] = delta is >= 0 and <= byte.MaxValue ? (byte)TransportFeedbackFormat.SmallDelta : (byte)TransportFeedbackFormat.LargeDelta;
            deltas[count] = (short)delta;
            previous = ticks;
        }

        writer.Add(symbols[..count], deltas[..count]);

        // :: Step 3: the head
        var length = writer.Finish(senderSsrc, mediaSsrc, (ushort)_reportedEnd, lostFirst + count, (int)referenceTime, _feedbackCount++);
        _reportedEnd = first + count;
        LastBuilt = now;
        return length;
    }

    /// <summary>Looks for the nearest later packet that arrived; it must not be older than the look-back.</summary>
    private bool IsWithinLookBack(long extended, long ticks, long end)
    {
        for (var next = extended + 1; next < end; next++)
        {
            if (_history.TryGet(next, out var nextTicks)) return ticks - nextTicks <= LookBackTicks;
        }

        return true;
    }

    private static long FloorDivide(long value, long divisor)
    {
        var (quotient, remainder) = Math.DivRem(value, divisor);
        return remainder < 0 ? quotient - 1 : quotient;
    }
}
