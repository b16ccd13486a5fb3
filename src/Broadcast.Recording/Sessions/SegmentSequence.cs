using Broadcast.Recording.Frames;
using Broadcast.Recording.Matroska;
using Broadcast.Recording.Tap;
using Broadcast.Rtc;
using Broadcast.Vod.Recordings;

namespace Broadcast.Recording.Sessions;

/// <summary>Writes a recording's frames into one segment after the other, and tells the ledger.</summary>
/// <remarks>
/// <para>A segment begins with a keyframe where there is a picture, and has one format. What cannot be written, because the disk is full or
/// gone, is a gap: the file is closed as well as that goes, and after a pause another one is tried.</para>
/// <para>Owned by one thread; time is an argument.</para>
/// </remarks>
internal sealed class SegmentSequence
{
    /// <summary>What a killed process loses besides what is still being put in order.</summary>
    public static readonly TimeSpan FlushInterval = TimeSpan.FromMilliseconds(400);

    /// <summary>The first pause after a failure of the disk; it doubles.</summary>
    public static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(1);

    /// <summary>The longest one.</summary>
    public static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(30);

    /// <summary>A gap shorter than this between two segments is none.</summary>
    private static readonly TimeSpan ShortestGap = TimeSpan.FromMilliseconds(100);

    /// <summary>A picture that has been away for this long does not hold up the sound.</summary>
    private static readonly TimeSpan PicturePatience = TimeSpan.FromSeconds(5);

    /// <summary>From one encoding to the next a picture may be missed for less than this.</summary>
    private static readonly TimeSpan MissedPicture = TimeSpan.FromMilliseconds(500);

    private readonly RecordingId _id;
    private readonly DateTimeOffset _startedAt;
    private readonly ISegmentFiles _files;
    private readonly EventOutbox _outbox;
    private readonly TimeSpan _length;
    private readonly SegmentTrack[] _tracks = [new(MediaKind.Audio), new(MediaKind.Video)];
    private readonly List<(int Number, SegmentContainer Container)> _broken = [];
    private ISegmentWriter? _writer;
    private SegmentContainer _container;
    private int _number;
    private TimeSpan _start;
    private TimeSpan _written;
    private MonotonicTime _flushedAt;
    private SegmentEndReason? _wanted;
    private GapReason? _boundary;
    private bool _hasFailed;
    private MonotonicTime _retryAt;
    private TimeSpan _retry = FirstRetry;

    /// <summary>Creates the sequence of a recording.</summary>
    /// <param name="id">Of the recording.</param>
    /// <param name="startedAt">The wall clock at position 0.</param>
    /// <param name="files">Where to.</param>
    /// <param name="outbox">Who is told.</param>
    /// <param name="length">Of a segment, up to the next keyframe.</param>
    public SegmentSequence(RecordingId id, DateTimeOffset startedAt, ISegmentFiles files, EventOutbox outbox, TimeSpan length) =>
        (_id, _startedAt, _files, _outbox, _length) = (id, startedAt, files, outbox, length);

    /// <summary>True while a picture is to be had: without its keyframe no segment begins.</summary>
    public bool ExpectsVideo { get; set; }

    /// <summary>True when the next keyframe is needed before it comes by itself.</summary>
    public bool WantsKeyframe { get; private set; }

    /// <summary>True when something has been written.</summary>
    public bool HasWritten { get; private set; }

    /// <summary>Where the newest frame ends.</summary>
    public TimeSpan End { get; private set; }

    /// <summary>Of the newest frame of all tracks.</summary>
    public TimeSpan Position { get; private set; }

    /// <summary>When that arrived.</summary>
    public MonotonicTime PositionArrival { get; private set; }

    /// <summary>Where the last segment ends that anybody can read.</summary>
    public TimeSpan ReadableEnd { get; private set; }

    /// <summary>Bytes of all segments, as far as they can be read.</summary>
    public long Bytes { get; private set; }

    /// <summary>Segments that were begun.</summary>
    public int Segments => _number;

    /// <summary>Gaps that were declared.</summary>
    public int Gaps { get; private set; }

    /// <summary>Why nothing can be written now; null while all is well.</summary>
    public string? Problem { get; private set; }

    /// <summary>Says what a publication has, before anything of it is written: all of that is in its first segment.</summary>
    /// <param name="kind">Audio or video.</param>
    /// <param name="format">Null for nothing, as far as is known.</param>
    public void Expect(MediaKind kind, TrackFormat? format) => TrackOf(kind).Format = format;

    /// <summary>Writes a frame at its position, or drops it where it has none.</summary>
    public void Write(MediaKind kind, TimeSpan position, in TappedFrame frame, MonotonicTime now)
    {
        if (_hasFailed && now < _retryAt) return;
        var track = TrackOf(kind);
        if (kind == MediaKind.Audio || frame.IsKeyframe) track.Format = frame.Format;
        try
        {
            if (MayBegin(kind, position, frame, out var reason) && reason is { } end) Rotate(kind, position, end, frame, now);
            if (_writer is null || track.Written is null || (kind == MediaKind.Audio && !track.Written.IsSameAs(frame.Format)))
            {
                // Its format is not that of the segment: it waits for the next one, and that for a picture.
                WantsKeyframe |= ExpectsVideo;
                if (_writer is not null) _wanted ??= SegmentEndReason.FormatChanged;
                return;
            }

            WriteInto(_writer, track, position, frame);
        }
        catch (Exception exception) when (StorageFault.Is(exception))
        {
            Fail(exception, now);
        }
    }

    /// <summary>The next segment begins at the next keyframe.</summary>
    public void WantBoundary(SegmentEndReason reason)
    {
        _wanted ??= reason;
        WantsKeyframe |= ExpectsVideo;
    }

    /// <summary>The segment ends here, and what is missing until the next one has a reason.</summary>
    public void Break(SegmentEndReason reason, GapReason? gap, MonotonicTime now)
    {
        _boundary ??= gap;
        _wanted = null;
        if (_writer is null) return;
        try
        {
            Close(reason);
        }
        catch (Exception exception) when (StorageFault.Is(exception))
        {
            Fail(exception, now);
        }
    }

    /// <summary>Nothing more will be written. What could not be closed is left to the repair.</summary>
    public void Finish(SegmentEndReason reason, MonotonicTime now)
    {
        DeclareOpenEnds();
        Break(reason, null, now);
        try
        {
            Mend();
        }
        catch (Exception exception) when (StorageFault.Is(exception))
        {
            Fail(exception, now);
        }
    }

    /// <summary>Gives others what was written, if it is time; to be called often.</summary>
    public void Tick(MonotonicTime now)
    {
        if (_writer is null || now - _flushedAt < FlushInterval) return;
        _flushedAt = now;
        try
        {
            if (_outbox.IsWaiting) _outbox.Flush();
            var before = _writer.FlushedBytes;
            _writer.Flush();
            Bytes += _writer.FlushedBytes - before;
            ReadableEnd = _start + _writer.FlushedDuration;
            _outbox.Mention(new SegmentGrown(_id, _number, _writer.FlushedDuration, _writer.FlushedBytes));
        }
        catch (Exception exception) when (StorageFault.Is(exception))
        {
            Fail(exception, now);
        }
    }

    private SegmentTrack TrackOf(MediaKind kind) => _tracks[(int)kind];

    /// <summary>Whether a segment may begin with this frame, and if the open one ends, why.</summary>
    private bool MayBegin(MediaKind kind, TimeSpan position, in TappedFrame frame, out SegmentEndReason? reason)
    {
        reason = null;
        var (audio, video) = (TrackOf(MediaKind.Audio), TrackOf(MediaKind.Video));
        var isSoundAlone = kind == MediaKind.Audio && (!ExpectsVideo || (_writer is not null && position - video.End > PicturePatience));
        if (!isSoundAlone && !(kind == MediaKind.Video && frame.IsKeyframe)) return false;
        if (_writer is null) reason = SegmentEndReason.Length;
        else if (IsOther(video, isSoundAlone) || IsOther(audio, isSoundAlone: false)) reason = SegmentEndReason.FormatChanged;
        else if (_wanted is not null) reason = _wanted;
        else if (position - _start >= _length) reason = SegmentEndReason.Length;
        return true;
    }

    private static bool IsOther(SegmentTrack track, bool isSoundAlone) =>
        !isSoundAlone && track.Format is not null && !(track.Written?.IsSameAs(track.Format) ?? false);

    private void Rotate(MediaKind kind, TimeSpan position, SegmentEndReason reason, in TappedFrame frame, MonotonicTime now)
    {
        // A full disk that takes one more event or header is still full: each such beginning would be a segment, a gap and a message.
        if (_hasFailed) _files.RequireRoom(_id);
        if (_writer is not null) Close(reason);
        Mend();

        // After a correction of the tracks' times a segment could begin before the end of the last one.
        _start = position > ReadableEnd ? position : ReadableEnd;
        var tracks = new List<TrackFormat>(2);
        foreach (var track in _tracks)
        {
            if (IsIn(track, kind)) tracks.Add(track.Format!);
        }

        _container = SegmentWriters.ContainerOf(tracks.Select(format => format.Codec));
        _writer = _files.Create(_id, ++_number, _container, tracks, _startedAt + _start);
        _written = TimeSpan.Zero;

        // Only now is it known that what was missing ends here.
        if (_boundary is { } cause && HasWritten && _start - End >= ShortestGap) Declare(End, _start, MissingInBoth(), cause);
        if (reason == SegmentEndReason.FormatChanged && kind == MediaKind.Video) DeclareMissedPicture(TrackOf(kind));
        if (_boundary is not null || !HasWritten)
        {
            foreach (var track in _tracks) track.SkipTo(_start);
        }

        var index = 0;
        foreach (var track in _tracks)
        {
            track.Written = IsIn(track, kind) ? track.Format : null;
            if (track.Written is not null) track.Index = index++;
        }

        _outbox.Append(new SegmentOpened(_id, _number, _container, _start, [.. tracks.Select(Describe)]));
        (_wanted, _boundary, WantsKeyframe, _flushedAt) = (null, null, false, now);
        if (_hasFailed) (_hasFailed, _retry, Problem) = (false, FirstRetry, null);
    }

    /// <summary>Whether a segment that begins with a frame of this kind has the track.</summary>
    private static bool IsIn(SegmentTrack track, MediaKind first) => track.Format is not null && (track.Kind == MediaKind.Audio || first == MediaKind.Video);

    private void WriteInto(ISegmentWriter writer, SegmentTrack track, TimeSpan position, in TappedFrame frame)
    {
        // Times of a track never go back, nor before the segment.
        if (position < _start) position = _start;
        if (position < track.Position) position = track.Position;
        if (HasWritten && track.GapBefore(position, frame.Missing) is { } cause) Declare(track.End, position, track.Missing, cause);
        writer.Write(track.Index, position - _start, frame.IsKeyframe, frame.Data);
        track.NoteWritten(position, frame);
        HasWritten = true;
        if (position - _start > _written) _written = position - _start;
        if (track.End > End) End = track.End;
        if (position >= Position) (Position, PositionArrival) = (position, frame.Arrival);
        if (_written > _length) WantsKeyframe |= ExpectsVideo;
    }

    /// <summary>Closes the open file; if that cannot be done, it is left to <see cref="Mend"/>.</summary>
    private void Close(SegmentEndReason reason)
    {
        var writer = _writer!;
        var before = writer.FlushedBytes;
        _writer = null;
        try
        {
            writer.Close();
        }
        catch (Exception exception) when (StorageFault.Is(exception))
        {
            _broken.Add((_number, _container));
            throw;
        }
        finally
        {
            ReadableEnd = _start + writer.FlushedDuration;
            writer.Dispose();
        }

        Bytes += writer.FlushedBytes - before;
        _outbox.Append(new SegmentClosed(_id, _number, writer.FlushedDuration, writer.FlushedBytes, reason));
    }

    /// <summary>Makes whole what could not be closed when the disk was full.</summary>
    private void Mend()
    {
        while (_broken.Count > 0)
        {
            var (number, container) = _broken[0];
            var repaired = _files.Repair(_id, number, container);
            _outbox.Append(new SegmentClosed(_id, number, repaired?.Duration ?? TimeSpan.Zero, repaired?.Bytes ?? 0, SegmentEndReason.Repaired));
            _broken.RemoveAt(0);
        }

        _outbox.Flush();
    }

    private void Fail(Exception exception, MonotonicTime now)
    {
        if (_hasFailed) _retry = _retry * 2 < LongestRetry ? _retry * 2 : LongestRetry;
        _hasFailed = true;
        _retryAt = now + _retry;
        Problem = $"Nothing is recorded: {exception.Message}";
        (_boundary, WantsKeyframe) = (GapReason.StorageFailed, false);
        if (_writer is not null)
        {
            try
            {
                Close(SegmentEndReason.Repaired);
            }
            catch (Exception another) when (StorageFault.Is(another))
            {
                // The file is mended, or the event told, when there is room again.
            }
        }

        // What came after the last flush is lost with the file, and its place is part of the gap.
        End = ReadableEnd;
        foreach (var track in _tracks) track.SkipTo(End);
    }

    /// <summary>An encoding died, and it took a while until that was known.</summary>
    private void DeclareMissedPicture(SegmentTrack picture)
    {
        if (picture.Written is null || _start - picture.End < MissedPicture) return;
        Declare(picture.End, _start, MissingMedia.Video, GapReason.PublisherAway);
        picture.SkipTo(_start);
    }

    /// <summary>What was missing when the recording ended.</summary>
    private void DeclareOpenEnds()
    {
        foreach (var track in _tracks)
        {
            if (track.Written is not null && _writer is not null && End - track.End > TimeSpan.FromSeconds(1)) Declare(track.End, End, track.Missing, GapReason.Lost);
        }
    }

    private void Declare(TimeSpan from, TimeSpan to, MissingMedia missing, GapReason reason)
    {
        Gaps++;
        try
        {
            _outbox.Append(new GapDeclared(_id, from, to - from, missing, reason));
        }
        catch (Exception exception) when (StorageFault.Is(exception))
        {
            // It waits in the outbox; whoever writes next meets the same disk.
        }
    }

    private MissingMedia MissingInBoth()
    {
        MissingMedia missing = 0;
        foreach (var track in _tracks)
        {
            if (track.Format is not null) missing |= track.Missing;
        }

        return missing;
    }

    private static RecordedTrack Describe(TrackFormat format) =>
        new(format.Codec.RtpMapName().ToLowerInvariant(), format.Width, format.Height, format.CodecString);
}
