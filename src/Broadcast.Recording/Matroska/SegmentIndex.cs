using Broadcast.Rtc.Payloads;

namespace Broadcast.Recording.Matroska;

/// <summary>What is remembered of the blocks of a file: where one can begin, and when the last one ends.</summary>
internal sealed class SegmentIndex
{
    /// <summary>A file that has more places to begin than any recording gets no entries for the rest.</summary>
    private const int MaximumCues = 1 << 20;

    private const int MaximumFrameMilliseconds = 1000;
    private const int OpusUnitsPerMillisecond = OpusPacket.ClockRateHz / 1000;

    private readonly List<(long Time, int Track, long ClusterAt)> _cues = [];
    private readonly TrackEnd[] _ends = new TrackEnd[SegmentLayout.MaximumTracks];

    public int CueCount => _cues.Count;

    public TimeSpan Duration
    {
        get
        {
            long end = 0;
            foreach (var track in _ends) end = Math.Max(end, track.End);
            return TimeSpan.FromMilliseconds(end);
        }
    }

    public void AddCue(long time, int track, long clusterAt)
    {
        if (_cues.Count < MaximumCues) _cues.Add((time, track, clusterAt));
    }

    /// <summary>Takes the next block of a track.</summary>
    /// <param name="track">From 0.</param>
    /// <param name="isOpus">Its packets tell how long they last; of a picture the distance from the one before is taken.</param>
    /// <param name="time">In milliseconds.</param>
    /// <param name="data">The first two bytes at least, where there are as many.</param>
    public void AddBlock(int track, bool isOpus, long time, ReadOnlySpan<byte> data)
    {
        ref var last = ref _ends[track];
        long length;
        if (isOpus)
        {
            length = OpusPacket.TryDuration(data, out var units) == Rtc.DropReason.None ? units / OpusUnitsPerMillisecond : 0;
        }
        else
        {
            length = last.HasBlock && time > last.Time ? Math.Min(time - last.Time, MaximumFrameMilliseconds) : last.Length;
        }

        last = new TrackEnd(true, Math.Max(last.Time, time), length, Math.Max(last.End, time + length));
    }

    public void WriteCues(EbmlWriter to, long segmentDataAt)
    {
        var cues = to.BeginMaster(EbmlId.Cues);
        foreach (var (time, track, clusterAt) in _cues)
        {
            var point = to.BeginMaster(EbmlId.CuePoint);
            to.WriteUnsigned(EbmlId.CueTime, (ulong)time);
            var positions = to.BeginMaster(EbmlId.CueTrackPositions);
            to.WriteUnsigned(EbmlId.CueTrack, (ulong)(track + 1));
            to.WriteUnsigned(EbmlId.CueClusterPosition, (ulong)(clusterAt - segmentDataAt));
            to.EndMaster(positions);
            to.EndMaster(point);
        }

        to.EndMaster(cues);
    }

    private readonly record struct TrackEnd(bool HasBlock, long Time, long Length, long End);
}
