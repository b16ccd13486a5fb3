using Broadcast.Rtc;

namespace Broadcast.Client.Connections;

/// <summary>The holes of one stream and when to ask for them, with libwebrtc's limits: 10 tries, given up after a second.</summary>
/// <remarks>Owned by one viewer.</remarks>
internal sealed class MissingPackets
{
    private const int Capacity = 256;
    private const int MaxTries = 10;

    // Two packets out of order are no loss; libwebrtc collects for 20 ms.
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan GiveUpAfter = TimeSpan.FromSeconds(1);

    private Hole[] _holes = [];
    private int _count;

    private struct Hole
    {
        public long Number;
        public MonotonicTime NextAsk;
        public MonotonicTime GiveUpAt;
        public int Tries;
    }

    /// <summary>Holes given up so far.</summary>
    public long GivenUp { get; private set; }

    /// <summary>When <see cref="TakeDue"/> has something to do.</summary>
    public MonotonicTime NextDue { get; private set; } = MonotonicTime.Never;

    /// <summary>Notes that nothing came from <paramref name="first"/> to before <paramref name="end"/>.</summary>
    public void AddRange(long first, long end, MonotonicTime now)
    {
        if (first >= end) return;
        if (end - first > Capacity)
        {
            // Too much to ask for: a keyframe is needed anyway.
            GivenUp += end - first - Capacity;
            first = end - Capacity;
        }

        if (_holes.Length == 0) _holes = new Hole[Capacity]; // most viewers never lose a packet
        for (; first < end; first++)
        {
            if (_count == Capacity) RemoveAt(0, givenUp: true);
            _holes[_count++] = new Hole { Number = first, NextAsk = now + FirstWait, GiveUpAt = now + GiveUpAfter };
        }

        NextDue = MonotonicTime.Min(NextDue, now + FirstWait);
    }

    /// <summary>Fills a hole; false when there was none.</summary>
    public bool Remove(long number)
    {
        for (var i = 0; i < _count; i++)
        {
            if (_holes[i].Number != number) continue;
            RemoveAt(i, givenUp: false);
            return true;
        }

        return false;
    }

    /// <summary>Gives up what is too old and lists what to ask for now.</summary>
    /// <param name="now">The present moment.</param>
    /// <param name="again">How long to wait for an answer: a round trip.</param>
    /// <param name="due">Receives sequence numbers in order; what does not fit stays due. Empty where nothing can be asked for.</param>
    /// <returns>How many.</returns>
    public int TakeDue(MonotonicTime now, TimeSpan again, Span<ushort> due)
    {
        var taken = 0;
        NextDue = MonotonicTime.Never;
        for (var i = 0; i < _count; i++)
        {
            ref var hole = ref _holes[i];
            if (now >= hole.GiveUpAt)
            {
                RemoveAt(i--, givenUp: true);
                continue;
            }

            if (now >= hole.NextAsk && taken < due.Length)
            {
                due[taken++] = (ushort)hole.Number;
                hole.NextAsk = ++hole.Tries < MaxTries ? now + again : MonotonicTime.Never;
            }

            NextDue = MonotonicTime.Min(NextDue, due.IsEmpty ? hole.GiveUpAt : MonotonicTime.Min(hole.NextAsk, hole.GiveUpAt));
        }

        return taken;
    }

    private void RemoveAt(int index, bool givenUp)
    {
        Array.Copy(_holes, index + 1, _holes, index, --_count - index);
        if (givenUp) GivenUp++;
    }
}
