using Broadcast.Media.Routing;
using Broadcast.Recording.Frames;
using Broadcast.Recording.Tap;
using Broadcast.Recording.Timeline;
using Broadcast.Rtc;
using Broadcast.Vod.Recordings;

namespace Broadcast.Recording.Sessions;

/// <summary>What is recorded of one publication while its clock does not jump: its tracks, put on one line of positions and into one order.</summary>
/// <remarks>
/// It is held back until the publisher has said how its tracks belong together (<see cref="Hold"/> at most). Then the frame with the
/// lowest position is written next; for a track that has none it waits as long as one may still come. Owned by one thread.
/// </remarks>
internal sealed class Take
{
    /// <summary>How long reports of the publisher are waited for, or a track that has not begun.</summary>
    public static readonly TimeSpan Hold = TimeSpan.FromSeconds(3);

    /// <summary>How long a frame waits for another track that may simply have nothing to send: in silence sound comes every 400 ms.</summary>
    public static readonly TimeSpan QuietPatience = TimeSpan.FromMilliseconds(450);

    /// <summary>How long a frame waits for another track that has a hole.</summary>
    private static readonly TimeSpan HolePatience = ReorderBuffer.Patience + TimeSpan.FromSeconds(1);

    /// <summary>An old encoding is followed up to the first frame of the new one; so close to it is good enough.</summary>
    private static readonly TimeSpan FrameOrTwo = TimeSpan.FromMilliseconds(70);

    private readonly SegmentSequence _segments;
    private readonly LayerWatch? _layers;
    private readonly List<Lane> _lanes = [];
    private MediaTimeline _timeline = new();
    private Lane? _sound;
    private Lane? _picture;
    private Lane? _candidate;
    private MonotonicTime? _firstFrameAt;
    private bool _isAnchored;

    /// <summary>Begins with a publication.</summary>
    public Take(Publication publication, SegmentSequence segments, MonotonicTime now)
    {
        Publication = publication;
        _segments = segments;
        if (publication.TrackOf(MediaKind.Audio) is { } sound && FrameAssembler.Supports(sound.Codec)) _lanes.Add(_sound = new Lane(sound, _timeline, now));
        if (publication.TrackOf(MediaKind.Video) is { } picture && FrameAssembler.Supports(picture.Codec))
        {
            _layers = new LayerWatch(now);
            FollowLayers(now);
        }

        // A keyframe will come for sure only if there is a picture; the sound waits for it no longer than it must.
        _segments.ExpectsVideo = _picture is not null;
    }

    /// <summary>What is recorded.</summary>
    public Publication Publication { get; }

    /// <summary>True when nothing of it can be recorded.</summary>
    public bool IsEmpty => _lanes.Count == 0;

    /// <summary>True when the publisher's clock jumped: after <see cref="Finish"/> it can <see cref="Restart"/>.</summary>
    public bool HasJumped => _lanes.Exists(lane => lane.Tap.HasJumped);

    /// <summary>Packets of media that came.</summary>
    public long Packets => _lanes.Sum(lane => lane.Tap.Packets);

    /// <summary>Frames that could be made of them.</summary>
    public long WholeFrames => _lanes.Sum(lane => lane.Tap.WholeFrames);

    /// <summary>The tracks that must come, by <see cref="SourceTrack.Index"/>.</summary>
    public ulong Demand => _lanes.Aggregate(0UL, static (demand, lane) => demand | (1UL << lane.Tap.Source.Index));

    /// <summary>Reads what is new, and writes what is in order.</summary>
    public void Poll(MonotonicTime now)
    {
        FollowLayers(now);
        Read(now);
        if (!HasJumped) Write(now);
    }

    /// <summary>Writes what is there: nothing more comes, or not of this clock.</summary>
    /// <param name="isOver">True when holes will not be filled any more.</param>
    /// <param name="now">Present time.</param>
    public void Finish(bool isOver, MonotonicTime now)
    {
        foreach (var lane in _lanes)
        {
            if (isOver && !lane.Tap.HasJumped) lane.Tap.Finish(now);
            else lane.Tap.FinishFrames(now);
            lane.NoteFrames();
        }

        if (!_isAnchored && _lanes.Exists(lane => lane.HasFrames)) Anchor();
        if (_isAnchored) Merge(now, force: true);
    }

    /// <summary>Begins anew with what the taps have before them.</summary>
    public void Restart()
    {
        Discard(_candidate);
        _candidate = null;
        _timeline = new MediaTimeline();
        (_isAnchored, _firstFrameAt) = (false, null);
        _segments.ExpectsVideo = _picture is not null;
        foreach (var lane in _lanes) lane.Restart(_timeline);
    }

    /// <summary>Asks the publisher for a keyframe of what needs one; the stream's one budget decides.</summary>
    public void RequestKeyframes()
    {
        foreach (var lane in _lanes)
        {
            if (lane.Kind != MediaKind.Video || !(lane.Tap.NeedsKeyframe || (lane == _picture && _segments.WantsKeyframe))) continue;
            if (lane.Tap.Source.Keyframes.Want()) Publication.WakePublisher();
        }
    }

    /// <summary>Gives back what waits.</summary>
    public void Release()
    {
        foreach (var lane in _lanes) lane.Tap.Clear();
    }

    private void FollowLayers(MonotonicTime now)
    {
        if (_layers?.Choose(Publication.Qualities, _candidate?.Tap.Source ?? _picture?.Tap.Source, now) is not { } wanted) return;
        if (_picture is null)
        {
            _lanes.Add(_picture = new Lane(wanted, _timeline, now));
            return;
        }

        if (ReferenceEquals(wanted, (_candidate ?? _picture).Tap.Source)) return;
        Discard(_candidate);
        _candidate = null;
        if (!ReferenceEquals(wanted, _picture.Tap.Source)) _lanes.Add(_candidate = new Lane(wanted, _timeline, now));
    }

    private void Discard(Lane? lane)
    {
        if (lane is null) return;
        lane.Tap.Clear();
        _lanes.Remove(lane);
        _timeline.Remove(lane.Line, (_sound ?? _picture)!.Line);
    }

    private void Read(MonotonicTime now)
    {
        foreach (var lane in _lanes)
        {
            lane.Tap.Read(now);
            lane.NoteFrames();
            lane.NoteClock(_timeline);
            if (lane.HasFrames) _firstFrameAt ??= now;
        }
    }

    private void Write(MonotonicTime now)
    {
        if (_candidate is { HasFrames: true } candidate) GoOver(candidate, now);
        if (!_isAnchored)
        {
            if (!IsReady(now)) return;
            Anchor();
        }

        if (_timeline.NeedsCorrection) _segments.WantBoundary(SegmentEndReason.ClockJumped);
        Merge(now, force: false);
    }

    /// <summary>True when all tracks are there and can be compared, or were waited for long enough.</summary>
    private bool IsReady(MonotonicTime now)
    {
        if (_firstFrameAt is not { } first) return false;
        if (now - first >= Hold) return true;
        if (_sound is { HasFrames: false } || _picture is { HasFrames: false }) return false;
        return _sound is null || _picture is null || MediaTimeline.CanCompare(_sound.Line, _picture.Line);
    }

    /// <summary>Gives the first frame its position: that of the first picture, for the sound before it belongs to none.</summary>
    private void Anchor()
    {
        var first = _picture is { HasFrames: true } ? _picture : _sound!;
        var master = _sound is { HasFrames: true } ? _sound : first;
        var start = _segments.HasWritten
            ? _segments.Position + (first.Head.Arrival - _segments.PositionArrival)
            : TimeSpan.Zero;
        if (start < _segments.End) start = _segments.End;

        _timeline.Anchor(master.Line, master.Head.RtpTime, TimeSpan.Zero);
        if (first != master) _timeline.Join(first.Line);
        _timeline.Shift(start - first.Line.Peek(first.Head.RtpTime));
        _isAnchored = true;
        _segments.ExpectsVideo = first.Kind == MediaKind.Video;
        _segments.Expect(MediaKind.Audio, _sound is { HasFrames: true } ? _sound.Head.Format : null);
        _segments.Expect(MediaKind.Video, _picture is { HasFrames: true } ? _picture.Head.Format : null);
        if (first != master)
        {
            while (master.HasFrames && master.Line.Peek(master.Head.RtpTime) < start) master.Tap.Dequeue().Release();
        }
    }

    private void Merge(MonotonicTime now, bool force)
    {
        while (true)
        {
            Lane? next = null;
            var position = TimeSpan.MaxValue;
            foreach (var lane in _lanes)
            {
                if (lane == _candidate || !lane.HasFrames) continue;
                Join(lane);
                var at = lane.Line.Peek(lane.Head.RtpTime);
                if (at < position) (next, position) = (lane, at);
            }

            if (next is null || (!force && MustWait(next, position, now))) return;
            Write(next, now);
        }
    }

    private void Write(Lane lane, MonotonicTime now)
    {
        var frame = lane.Tap.Dequeue();

        // A track that was placed by arrival goes where it belongs with the first frame of a segment.
        if (frame.IsKeyframe && lane.Kind == MediaKind.Video && _timeline.NeedsCorrection) _timeline.Correct();
        _segments.Write(lane.Kind, lane.Line.PositionOf(frame.RtpTime), frame, now);
        frame.Release();
    }

    /// <summary>A track that begins later than the others.</summary>
    private void Join(Lane lane)
    {
        if (lane.Line.IsPlaced) return;
        _timeline.Join(lane.Line);
        if (lane.Kind == MediaKind.Video) _segments.ExpectsVideo = true;
    }

    private bool MustWait(Lane next, TimeSpan position, MonotonicTime now)
    {
        var waited = now - next.Head.ReadAt;
        foreach (var lane in _lanes)
        {
            if (lane == next || lane == _candidate || lane.HasFrames || !lane.Line.IsPlaced || next.Tap.IsFull) continue;
            if (lane.LastQueued is { } last && lane.Line.Peek(last) >= position) continue;
            if (waited < (lane.Tap.HasHole ? HolePatience : QuietPatience)) return true;
        }

        return false;
    }

    /// <summary>Another encoding has begun: from its first frame on it is recorded instead.</summary>
    private void GoOver(Lane candidate, MonotonicTime now)
    {
        var old = _picture!;
        if (_isAnchored && old.Line.IsPlaced)
        {
            var equivalent = old.Tap.TryPlace((uint)candidate.Head.RtpTime + candidate.Tap.Source.Alignment - old.Tap.Source.Alignment, candidate.Head.Arrival, out var beside)
                ? beside : old.LastQueued ?? 0;
            _timeline.Join(candidate.Line, candidate.Head.RtpTime, old.Line, equivalent);
            var from = candidate.Line.Peek(candidate.Head.RtpTime);
            var isCaughtUp = old.LastQueued is not { } last || old.Line.Peek(last) >= from - FrameOrTwo;
            if (!isCaughtUp && now - candidate.Head.ReadAt < Hold && !candidate.Tap.IsFull) return;
            while (old.HasFrames && old.Line.Peek(old.Head.RtpTime) < from) Write(old, now);
            _segments.WantBoundary(SegmentEndReason.FormatChanged);
        }

        old.Tap.Clear();
        _lanes.Remove(old);
        _timeline.Remove(old.Line, candidate.Line);
        (_picture, _candidate) = (candidate, null);
    }

    /// <summary>A track on its way from the log to the segment.</summary>
    private sealed class Lane(SourceTrack source, MediaTimeline timeline, MonotonicTime now)
    {
        private int _noted;
        private MonotonicTime _reportAt;

        public TrackTap Tap { get; } = new(source, now);

        public TrackLine Line { get; private set; } = timeline.Add(source.ClockRateHz, source.Kind);

        public MediaKind Kind => source.Kind;

        public bool HasFrames => Tap.Frames.Count > 0;

        public TappedFrame Head => Tap.Frames.Peek();

        /// <summary>RTP time of the newest frame.</summary>
        public long? LastQueued { get; private set; }

        public void NoteFrames()
        {
            // Frames are noted as they come, before any is written: so the newest are at the end of the queue.
            var fresh = (int)Math.Min(Tap.WholeFrames - _noted, Tap.Frames.Count);
            if (fresh > 0)
            {
                foreach (var frame in Tap.Frames.Skip(Tap.Frames.Count - fresh))
                {
                    Line.NoteArrival(frame.RtpTime, frame.Arrival);
                    LastQueued = Math.Max(LastQueued ?? frame.RtpTime, frame.RtpTime);
                }
            }

            _noted = (int)Tap.WholeFrames;
        }

        public void NoteClock(MediaTimeline line)
        {
            if (source.Clock.TryRead(out var pair) && pair.ReceivedAt != _reportAt && Tap.TryPlace(pair.RtpTimestamp, pair.ReceivedAt, out var rtp))
            {
                _reportAt = pair.ReceivedAt;
                line.NoteReport(Line, pair.NtpTimestamp, rtp);
            }

            if (Tap.TryTakeCapture(out var ntp, out var captured)) line.NoteCapture(Line, ntp, captured);
        }

        public void Restart(MediaTimeline line)
        {
            Tap.Clear();
            Tap.Restart();
            Line = line.Add(source.ClockRateHz, source.Kind);
            (LastQueued, _reportAt) = (null, MonotonicTime.Zero);
        }
    }
}
