using Broadcast.Rtc;

namespace Broadcast.Media.Receive;

/// <summary>What the arrival of a sequence number meant.</summary>
public enum SequenceArrival : byte
{
    /// <summary>Newer than everything before.</summary>
    InOrder,

    /// <summary>Fills a known hole.</summary>
    FillsGap,

    /// <summary>Had arrived before, or was given up.</summary>
    Duplicate,

    /// <summary>Newer, but after a gap too large to repair: a keyframe is needed.</summary>
    AfterUnrepairableGap,
}

/// <summary>Finds holes in a received sequence and says what to ask for again (RFC 4585 §6.2.1).</summary>
/// <remarks>
/// First request after <see cref="FirstDelay"/> or <see cref="ReorderTolerance"/> later packets; then once per round trip
/// (≥ 40 ms), at most <see cref="MaxTries"/> times, and for eight round trips within <see cref="MinPatience"/> and
/// <see cref="MaxPatience"/>: a publisher that answers once per round trip needs several before chance has had its way.
/// Owned by one MediaWorker; fixed memory; no allocation after construction.
/// </remarks>
public sealed class NackGenerator
{
    /// <summary>Holes tracked at once; more than this is not repaired (libwebrtc: 1000).</summary>
    public const int MaxMissing = 1000;

    /// <summary>Requests per hole.</summary>
    public const int MaxTries = 10;

    /// <summary>Packets that may come after a hole before it is asked for at once.</summary>
    public const int ReorderTolerance = 3;

    /// <summary>How long a hole may be mere reordering.</summary>
    public static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(10);

    /// <summary>Before this a hole is not given up.</summary>
    public static readonly TimeSpan MinPatience = TimeSpan.FromSeconds(1);

    /// <summary>After this it is: players have stopped waiting by themselves, and the packet log goes back no further.</summary>
    public static readonly TimeSpan MaxPatience = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan MinRetry = TimeSpan.FromMilliseconds(40);

    private readonly Hole[] _holes = new Hole[MaxMissing];
    private int _count;
    private bool _started;
    private long _highest;
    private TimeSpan _roundTrip = TimeSpan.FromMilliseconds(100);

    /// <summary>Holes that are open now.</summary>
    public int Missing => _count;

    /// <summary>Holes that were never filled.</summary>
    public long GivenUp { get; private set; }

    /// <summary>The newest sequence number given up by <see cref="Collect"/>; −1 before the first.</summary>
    public long NewestGivenUp { get; private set; } = -1;

    /// <summary>Holes filled after at least one request.</summary>
    public long Repaired { get; private set; }

    /// <summary>The time a retransmission takes, smoothed; 100 ms until measured.</summary>
    public TimeSpan RoundTrip
    {
        get => _roundTrip;
        set => _roundTrip = value;
    }

    /// <summary>The newest sequence number that has arrived, or one before the first that is expected.</summary>
    public long Highest => _highest;

    /// <summary>When the oldest hole that is open was found; <see cref="MonotonicTime.Never"/> when there is none.</summary>
    public MonotonicTime OldestSince => _count == 0 ? MonotonicTime.Never : _holes[0].Since;

    /// <summary>The share of holes among what has come since the oldest of them, 0 to 1.</summary>
    public double MissingShare => _count == 0 ? 0 : (double)_count / (_highest - _holes[0].Sequence + 1);

    /// <summary>Says from where on packets will come.</summary>
    /// <returns>False when that goes on from what has come, so that nothing changes.</returns>
    public bool ExpectFrom(long sequence)
    {
        if (_started && sequence <= _highest + 1) return false;
        Reset();
        (_started, _highest) = (true, sequence - 1);
        return true;
    }

    /// <summary>Asks for every hole as if it were new: another one answers now, who was not asked before.</summary>
    public void AskAgain()
    {
        for (var i = 0; i < _count; i++) _holes[i] = _holes[i] with { Tries = 0 };
    }

    /// <summary>Forgets the sequence: another source begins. Holes that are open now are given up.</summary>
    public void Reset()
    {
        GivenUp += _count;
        _count = 0;
        _started = false;
    }

    /// <summary>True when a sequence number is known to be missing.</summary>
    public bool IsMissing(long sequence) => IndexOf(sequence) >= 0;

    /// <summary>Notes the arrival of a packet.</summary>
    /// <param name="sequence">Extended sequence number.</param>
    /// <param name="now">Present time.</param>
    /// <param name="isRepair">True when it can only be, or may well be, the answer to a request: it came by RTX, or RTX was not negotiated.</param>
    public SequenceArrival OnPacket(long sequence, MonotonicTime now, bool isRepair)
    {
        if (!_started)
        {
            _started = true;
            _highest = sequence;
            return SequenceArrival.InOrder;
        }

        if (sequence > _highest)
        {
            var gap = sequence - _highest - 1;
            var result = SequenceArrival.InOrder;
            if (gap > MaxMissing - _count)
            {
                GivenUp += _count + gap;
                _count = 0;
                result = SequenceArrival.AfterUnrepairableGap;
            }
            else
            {
                for (var missing = _highest + 1; missing < sequence; missing++) _holes[_count++] = new Hole(missing, now);
            }

            _highest = sequence;
            return result;
        }

        var index = IndexOf(sequence);
        if (index < 0) return SequenceArrival.Duplicate;
        ref var hole = ref _holes[index];
        if (hole.Tries > 0)
        {
            Repaired++;

            // Measured from the first request. Counting only holes that were asked for once (Karn's rule) would never
            // learn a round trip longer than the present guess, since each hole is then asked for again before the answer
            // can come; the price is that an answer to a second request counts as a longer one.
            if (isRepair) _roundTrip = ((_roundTrip * 7) + (now - hole.FirstSent)) / 8;
        }

        RemoveAt(index, 1);
        return SequenceArrival.FillsGap;
    }

    /// <summary>Collects what must be asked for now, ascending.</summary>
    /// <param name="now">Present time.</param>
    /// <param name="sequences">Receives low 16 bits of the missing sequence numbers; as many as fit.</param>
    /// <returns>How many were written.</returns>
    public int Collect(MonotonicTime now, Span<ushort> sequences)
    {
        var written = 0;
        var retry = _roundTrip > MinRetry ? _roundTrip : MinRetry;
        var patience = TimeSpan.FromTicks(Math.Clamp(_roundTrip.Ticks * 8, MinPatience.Ticks, MaxPatience.Ticks));
        var kept = 0;
        for (var i = 0; i < _count; i++)
        {
            var hole = _holes[i];
            if ((hole.Tries >= MaxTries && now - hole.LastSent >= retry) || now - hole.Since > patience)
            {
                GivenUp++;
                NewestGivenUp = hole.Sequence;
                continue;
            }

            var due = hole.Tries == 0
                ? now - hole.Since >= FirstDelay || _highest - hole.Sequence >= ReorderTolerance
                : now - hole.LastSent >= retry;
            if (due && written < sequences.Length)
            {
                sequences[written++] = (ushort)hole.Sequence;
                hole = hole with { Tries = (byte)(hole.Tries + 1), FirstSent = hole.Tries == 0 ? now : hole.FirstSent, LastSent = now };
            }

            _holes[kept++] = hole;
        }

        _count = kept;
        return written;
    }

    private int IndexOf(long sequence)
    {
        int low = 0, high = _count - 1;
        while (low <= high)
        {
            var middle = (low + high) >> 1;
            var found = _holes[middle].Sequence;
            if (found == sequence) return middle;
            if (found < sequence) low = middle + 1;
            else high = middle - 1;
        }

        return -1;
    }

    private void RemoveAt(int index, int count)
    {
        if (count == 0) return;
        Array.Copy(_holes, index + count, _holes, index, _count - index - count);
        _count -= count;
    }

    private record struct Hole(long Sequence, MonotonicTime Since)
    {
        public MonotonicTime FirstSent { get; init; }

        public MonotonicTime LastSent { get; init; }

        public byte Tries { get; init; }
    }
}
