using Broadcast.Media.Routing;
using Broadcast.Recording.Policy;
using Broadcast.Recording.Timeline;
using Broadcast.Rtc;
using Broadcast.Vod.Recordings;

namespace Broadcast.Recording.Sessions;

/// <summary>One recording from its first publication to its end: follows the stream, goes through gaps, ends by rule.</summary>
/// <remarks>
/// Owned by one thread, which calls <see cref="Poll"/> every some ten milliseconds; only <see cref="RequestEnd"/> and the properties for
/// status may be used by others. Time is an argument.
/// </remarks>
internal sealed class RecordingSession
{
    /// <summary>So long packets may come of which nothing can be made.</summary>
    public static readonly TimeSpan Incomprehension = TimeSpan.FromSeconds(60);

    /// <summary>A keyframe is asked for again after this; the stream's budget may say less often.</summary>
    private static readonly TimeSpan KeyframeInterval = TimeSpan.FromMilliseconds(500);

    /// <summary>Jumps of the clock with little between them that end a recording.</summary>
    private const int MaxJumps = 50;

    /// <summary>The last event is tried so long after the end.</summary>
    private static readonly TimeSpan EndRetry = TimeSpan.FromSeconds(5);

    private readonly StreamDirectory _streams;
    private readonly EventOutbox _outbox;
    private readonly SegmentSequence _segments;
    private readonly RecordingRules _rules;
    private Take? _take;
    private LiveStream? _demanded;
    private Publication? _seen;
    private MonotonicTime? _awaySince;
    private MonotonicTime _keyframeAskedAt;
    private MonotonicTime _takeSince;
    private MonotonicTime _retryAt;
    private string? _problem;
    private int _jumps;
    private TimeSpan _endAtJump;
    private (RecordingEndReason Reason, string? Error)? _requested;
    private RecordingEnded? _ended;
    private bool _isDone;
    private StandsInFor? _standsInFor;

    /// <summary>Creates a recording whose <see cref="RecordingStarted"/> the ledger has.</summary>
    public RecordingSession(ActiveRecording about, RecordingRules rules, StreamDirectory streams, ISegmentFiles files, IRecordingLedger ledger)
    {
        About = about;
        _rules = rules;
        _streams = streams;
        _outbox = new EventOutbox(ledger);
        _segments = new SegmentSequence(about.Id, about.StartedAt, files, _outbox, rules.SegmentLength);
    }

    /// <summary>Which recording.</summary>
    public ActiveRecording About { get; }

    /// <summary>The segments, for their figures.</summary>
    public SegmentSequence Segments => _segments;

    /// <summary>How it ended; null while it runs. Any thread.</summary>
    public RecordingEnded? Ended => Volatile.Read(ref _ended);

    /// <summary>True when it ended and the ledger knows.</summary>
    public bool IsDone
    {
        get => Volatile.Read(ref _isDone);
        private set => Volatile.Write(ref _isDone, value);
    }

    /// <summary><see cref="Publication.Ordinal"/> of what was recorded last; 0 for nothing.</summary>
    public int LastPublication => _seen?.Ordinal ?? 0;

    /// <summary>The recording of another node that it shall replace if that is cut short; null for none. Any thread.</summary>
    public StandsInFor? StandsInFor
    {
        get => Volatile.Read(ref _standsInFor);
        set => Volatile.Write(ref _standsInFor, value);
    }

    /// <summary>True while nobody publishes.</summary>
    public bool IsPublisherAway => _take is null;

    /// <summary>Told on the recording's thread when writing fails, and with null when it goes on.</summary>
    public Action<RecordingSession, string?>? OnProblem { get; init; }

    /// <summary>Ends at once, after a defect: what is written is closed, what waits is forgotten.</summary>
    public void Fail(string error, MonotonicTime now)
    {
        if (_ended is not null)
        {
            IsDone = true;
            return;
        }

        (_take, _demanded) = (null, null);
        End(RecordingEndReason.Failed, error, now);
    }

    /// <summary>Asks for the end at the next turn. Any thread.</summary>
    public void RequestEnd(RecordingEndReason reason, string? error = null)
    {
        lock (_outbox) _requested ??= (reason, error);
    }

    /// <summary>Does what is due.</summary>
    public void Poll(MonotonicTime now)
    {
        if (_ended is not null)
        {
            TellEnd(now);
            return;
        }

        (RecordingEndReason Reason, string? Error)? requested;
        lock (_outbox) requested = _requested;
        if (requested is { } request)
        {
            // Ended as soon as begun: what the logs hold is recorded all the same.
            if (_seen is null) FollowPublication(now);
            End(request.Reason, request.Error, now);
            return;
        }

        FollowPublication(now);
        if (_take is { } take) Record(take, now);
        if (_ended is not null) return;
        _segments.Tick(now);

        // What a full disk says names another file each time; that it is full is told once.
        if ((_segments.Problem is null) != (_problem is null)) OnProblem?.Invoke(this, _problem = _segments.Problem);
        if (_rules.MaximumLength is { } longest && _segments.End >= longest) End(RecordingEndReason.MaximumLength, null, now);
    }

    private void FollowPublication(MonotonicTime now)
    {
        var stream = _streams.Find(About.StreamId);
        var publication = stream?.Publication;
        if (_take is { } take && (take.Publication.HasEnded || (publication is not null && !ReferenceEquals(publication, take.Publication)))) EndTake(take, now);
        if (_take is null && publication is { HasEnded: false } && !ReferenceEquals(publication, _seen))
        {
            _seen = publication;
            _take = new Take(publication, _segments, now);
            (_awaySince, _takeSince, _jumps) = (null, now, 0);
            if (_take.IsEmpty)
            {
                End(RecordingEndReason.Failed, "The publisher sends neither a picture nor sound of a kind that can be recorded.", now);
                return;
            }
        }

        SetDemand(stream);
        if (_take is not null) return;
        _awaySince ??= now;
        if (now - _awaySince >= _rules.ReconnectPatience) End(RecordingEndReason.PublisherLeft, null, now);
    }

    private void Record(Take take, MonotonicTime now)
    {
        take.Poll(now);
        if (take.HasJumped)
        {
            take.Finish(isOver: false, now);
            _segments.Break(SegmentEndReason.ClockJumped, GapReason.Lost, now);
            take.Restart();
            _endAtJump = _segments.End;
            if (++_jumps > MaxJumps) RequestEnd(RecordingEndReason.Failed, "The publisher's clock jumps again and again.");
        }
        else if (_segments.End - _endAtJump > RtpTimeUnwrapper.JumpThreshold)
        {
            _jumps = 0;
        }

        if (take.Packets == 0) _takeSince = now;
        if (take.WholeFrames == 0 && now - _takeSince >= Incomprehension)
            End(RecordingEndReason.Failed, "What the publisher sends could not be understood as a picture or sound.", now);
        if (now - _keyframeAskedAt < KeyframeInterval) return;
        _keyframeAskedAt = now;
        take.RequestKeyframes();
    }

    private void EndTake(Take take, MonotonicTime now)
    {
        take.Finish(isOver: true, now);
        take.Release();
        _segments.Break(SegmentEndReason.PublisherChanged, GapReason.PublisherAway, now);
        _take = null;
    }

    private void SetDemand(LiveStream? stream)
    {
        if (!ReferenceEquals(stream, _demanded)) _demanded?.SetRecorderDemand(0, isRecorded: false);
        _demanded = stream;
        stream?.SetRecorderDemand(_take?.Demand ?? 0, isRecorded: true);
    }

    private void End(RecordingEndReason reason, string? error, MonotonicTime now)
    {
        if (_take is { } take)
        {
            take.Finish(isOver: true, now);
            take.Release();
            _take = null;
        }

        _demanded?.SetRecorderDemand(0, isRecorded: false);
        _segments.Finish(SegmentEndReason.Ended, now);
        if (!_segments.HasWritten && reason != RecordingEndReason.Failed)
            (reason, error) = (RecordingEndReason.Failed, _segments.Problem ?? "Nothing came that could be recorded.");
        Volatile.Write(ref _ended, new RecordingEnded(About.Id, _segments.ReadableEnd, reason, error));
        TellEnd(now, isFirst: true);
    }

    /// <summary>Tells the ledger, as often as it takes: without the end the recording would look like that of a dead recorder.</summary>
    private void TellEnd(MonotonicTime now, bool isFirst = false)
    {
        if (IsDone || now < _retryAt) return;
        try
        {
            if (isFirst) _outbox.Append(_ended!);
            else _outbox.Flush();
            IsDone = true;
        }
        catch (Exception exception) when (StorageFault.Is(exception))
        {
            _retryAt = now + EndRetry;
        }
    }
}
