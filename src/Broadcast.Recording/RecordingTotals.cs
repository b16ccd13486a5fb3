using Broadcast.Recording.Sessions;
using Broadcast.Vod.Recordings;

namespace Broadcast.Recording;

/// <summary>Figures of all recordings of a node since its start.</summary>
/// <param name="Running">Now.</param>
/// <param name="Stuck">Of these, those that cannot be written.</param>
/// <param name="Bytes">Written.</param>
/// <param name="Gaps">Declared.</param>
/// <param name="Ended">That came to an end.</param>
/// <param name="Failed">That came to a bad one.</param>
public readonly record struct RecordingTotals(int Running, int Stuck, long Bytes, long Gaps, long Ended, long Failed);

/// <summary>Sums up what recordings came to that are over. Thread-safe.</summary>
internal sealed class RecordingCounters
{
    private readonly Lock _lock = new();
    private RecordingTotals _totals;

    /// <summary>The sums.</summary>
    public RecordingTotals Totals
    {
        get
        {
            lock (_lock) return _totals;
        }
    }

    /// <summary>Adds one.</summary>
    public void Count(SegmentSequence segments, RecordingEnded ended)
    {
        lock (_lock)
        {
            _totals = _totals with
            {
                Bytes = _totals.Bytes + segments.Bytes,
                Gaps = _totals.Gaps + segments.Gaps,
                Ended = _totals.Ended + 1,
                Failed = _totals.Failed + (ended.Reason == RecordingEndReason.Failed ? 1 : 0),
            };
        }
    }
}
