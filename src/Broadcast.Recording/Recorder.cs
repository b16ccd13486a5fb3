using System.Collections.Concurrent;
using Broadcast.Media.Routing;
using Broadcast.Media.Sessions;
using Broadcast.Recording.Policy;
using Broadcast.Recording.Sessions;
using Broadcast.Rtc;
using Broadcast.Vod.Recordings;
using Microsoft.Extensions.Logging;

namespace Broadcast.Recording;

/// <summary>The recorder of a node: begins recordings by rule or request, and ends them.</summary>
/// <remarks>Thread-safe. Each recording is followed by one of a few threads (<see cref="RecorderThread"/>).</remarks>
public sealed partial class Recorder : IRecorder, IDisposable
{
    private const int MaxThreads = 4;

    /// <summary>When a recording that could not begin is tried again.</summary>
    private static readonly TimeSpan StartRetry = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

    private readonly RecordingOptions _options;
    private readonly StreamDirectory _streams;
    private readonly IRecordingLedger _ledger;
    private readonly ISegmentFiles _files;
    private readonly string _nodeId;
    private readonly TimeProvider _time;
    private readonly ILogger<Recorder> _log;
    private readonly Lock _lock = new();
    private readonly ConcurrentDictionary<string, RecordingSession> _running = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int> _over = new(StringComparer.Ordinal);
    private readonly RecorderThread[] _threads;
    private readonly RecordingCounters _ended = new();
    private volatile bool _isStopping;

    /// <summary>Starts the threads.</summary>
    /// <param name="options">The rules; already validated.</param>
    /// <param name="streams">The streams of this node.</param>
    /// <param name="spool">Where segments lie.</param>
    /// <param name="ledger">Who is told.</param>
    /// <param name="nodeId">Who records.</param>
    /// <param name="clock">The present moment, as packets have it.</param>
    /// <param name="time">The wall clock.</param>
    /// <param name="log">What an operator acts on.</param>
    public Recorder(
        RecordingOptions options, StreamDirectory streams, RecordingSpool spool, IRecordingLedger ledger, string nodeId, Func<MonotonicTime> clock, TimeProvider time, ILogger<Recorder> log)
    {
        (_options, _streams, _ledger, _nodeId, _time, _log) = (options, streams, ledger, nodeId, time, log);
        _files = new SegmentFiles(spool);
        _threads = [.. Enumerable.Range(0, Math.Clamp(Environment.ProcessorCount, 1, MaxThreads)).Select(i => new RecorderThread(i, clock, OnDone, OnFault))];
    }

    /// <inheritdoc/>
    public IReadOnlyList<ActiveRecording> Active =>
        [.. _running.Values.Where(session => session is { Ended: null, StandsInFor: null }).Select(session => session.About with { Problem = session.Segments.Problem }).OrderBy(about => about.StartedAt)];

    /// <summary>Recordings that are made beside another node's, and run.</summary>
    public IReadOnlyList<(ActiveRecording About, StandsInFor Place)> Standbys =>
        [.. _running.Values.Where(session => session is { Ended: null, StandsInFor: not null }).Select(session => (session.About, session.StandsInFor!))];

    /// <summary>What is recorded of a stream has changed: begun, promoted, over. Raised on any thread; a handler must not block.</summary>
    public event Action<string>? Changed;

    /// <summary>Recordings that are running, with figures; for metrics.</summary>
    public RecordingTotals Totals
    {
        get
        {
            var totals = _ended.Totals;
            foreach (var session in _running.Values)
            {
                totals = totals with
                {
                    Running = totals.Running + 1,
                    Stuck = totals.Stuck + (session.Segments.Problem is null ? 0 : 1),
                    Bytes = totals.Bytes + session.Segments.Bytes,
                    Gaps = totals.Gaps + session.Segments.Gaps,
                };
            }

            return totals;
        }
    }

    /// <inheritdoc/>
    public ValueTask<RecordingStart> StartAsync(string streamId, CancellationToken cancellation) => new(Start(streamId, RecordingTrigger.Request));

    /// <inheritdoc/>
    public ValueTask<RecordingId?> StopAsync(string streamId, CancellationToken cancellation)
    {
        if (!_running.TryGetValue(streamId, out var session) || session is not { Ended: null, StandsInFor: null }) return new((RecordingId?)null);
        session.RequestEnd(RecordingEndReason.Requested);
        WakeAll();
        return new(session.About.Id);
    }

    /// <summary>A stream changed: if it is always recorded, and published here, its recording begins.</summary>
    public void OnStreamChanged(StreamEvent change) => _ = FollowAsync(change);

    /// <summary>The same; over when it is decided.</summary>
    internal Task FollowAsync(StreamEvent change)
    {
        if (change.Kind != StreamEventKind.Active || _options.ModeOf(change.Stream.StreamId) != RecordingOptions.Always) return Task.CompletedTask;

        // Of the nodes that have it, the one where it is published records it. Whoever raises the event must not wait for a disk.
        if (_streams.Find(change.Stream.StreamId) is not { NodesAbove.Count: 0, Publication: { HasEnded: false } publication }) return Task.CompletedTask;
        return Task.Run(() => StartAlwaysAsync(change.Stream.StreamId, publication));
    }

    /// <summary>Begins by rule, if need be again and again: a disk that is full now may have room later.</summary>
    private async Task StartAlwaysAsync(string streamId, Publication publication)
    {
        while (!publication.HasEnded && !_isStopping)
        {
            // A publication that fell silent and came back is still the one whose recording was ended.
            if (_over.TryGetValue(streamId, out var over) && over == publication.Ordinal) return;
            if (Start(streamId, RecordingTrigger.Policy) is not RecordingStart.Refused refused) return;
            NotStarted(_log, streamId, refused.Reason);
            await Task.Delay(StartRetry, _time).ConfigureAwait(false);
        }
    }

    /// <summary>The recording that was made beside another node's is one like any other from now on; the ledger knows.</summary>
    public void Promote(RecordingId id)
    {
        if (Find(id) is not { StandsInFor: not null } session) return;
        session.StandsInFor = null;
        Changed?.Invoke(session.About.StreamId);
    }

    /// <summary>Ends a recording that is made beside another node's.</summary>
    public void EndStandby(RecordingId id)
    {
        if (Find(id) is not { StandsInFor: not null } session) return;
        session.RequestEnd(RecordingEndReason.Requested);
        WakeAll();
    }

    /// <summary>True while a recording is not over.</summary>
    public bool IsRunning(RecordingId id) => Find(id) is { IsDone: false };

    /// <summary>Begins to record a stream.</summary>
    /// <param name="streamId">A validated stream name.</param>
    /// <param name="trigger">Who wants it.</param>
    /// <param name="place">The recording of another node that it shall replace if that is cut short; null for none.</param>
    public RecordingStart Start(string streamId, RecordingTrigger trigger, StandsInFor? place = null)
    {
        var start = TryStart(streamId, trigger, place);
        if (start is RecordingStart.Started) Changed?.Invoke(streamId);
        return start;
    }

    private RecordingSession? Find(RecordingId id) => _running.Values.FirstOrDefault(session => session.About.Id == id);

    private RecordingStart TryStart(string streamId, RecordingTrigger trigger, StandsInFor? place)
    {
        lock (_lock)
        {
            if (_running.TryGetValue(streamId, out var running) && running.Ended is null) return new RecordingStart.AlreadyRunning(running.About.Id);
            if (_isStopping) return new RecordingStart.Refused("This node goes out of service. Try another one.");
            if (_options.ModeOf(streamId) == RecordingOptions.Never) return new RecordingStart.Refused("This stream is never recorded: its operator has ruled so.");
            if (_streams.Find(streamId)?.Publication is not { HasEnded: false })
                return new RecordingStart.Refused("Nobody is broadcasting this stream now. Try again when it has begun.", NotLive: true);
            if (_running.Count >= _options.MaximumAtOnce) return new RecordingStart.Refused("This node records as many streams as it may. Try again when one of them has ended.");

            var now = _time.GetUtcNow();
            var about = new ActiveRecording(RecordingId.New(now), streamId, now, trigger);
            try
            {
                _ledger.Append(new RecordingStarted(about.Id, streamId, now, trigger, _nodeId, place?.Recording, place?.Node));
            }
            catch (Exception exception) when (StorageFault.Is(exception))
            {
                return new RecordingStart.Refused($"The recording cannot be written: {exception.Message}");
            }

            var session = new RecordingSession(about, _options.RulesOf(streamId), _streams, _files, _ledger) { OnProblem = OnProblem, StandsInFor = place };
            _running[streamId] = session;
            _threads.MinBy(thread => thread.Count)!.Add(session);
            if (place is null) Begun(_log, about.Id, streamId, trigger);
            else StandsBy(_log, about.Id, streamId, place.Recording, place.Node);
            return new RecordingStart.Started(about.Id);
        }
    }

    /// <summary>Ends all recordings, and waits until they are whole.</summary>
    /// <param name="patience">For how long.</param>
    /// <returns>How many were ended.</returns>
    public async Task<int> StopAllAsync(TimeSpan patience)
    {
        RecordingSession[] sessions;
        lock (_lock)
        {
            _isStopping = true;
            sessions = [.. _running.Values];
        }

        foreach (var session in sessions) session.RequestEnd(RecordingEndReason.NodeStopped);
        WakeAll();
        var begun = _time.GetTimestamp();
        while (Array.Exists(sessions, session => !session.IsDone) && _time.GetElapsedTime(begun) < patience) await Task.Delay(Look, _time).ConfigureAwait(false);
        return sessions.Length;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var thread in _threads) thread.Dispose();
    }

    private void WakeAll()
    {
        foreach (var thread in _threads) thread.Wake();
    }

    private void OnDone(RecordingSession session)
    {
        var ended = session.Ended!;
        if (_options.ModeOf(session.About.StreamId) == RecordingOptions.Always) _over[session.About.StreamId] = session.LastPublication;
        _ended.Count(session.Segments, ended);
        _running.TryRemove(new KeyValuePair<string, RecordingSession>(session.About.StreamId, session));
        Changed?.Invoke(session.About.StreamId);
        if (ended.Reason == RecordingEndReason.Failed) Failed(_log, ended.Id, session.About.StreamId, ended.Error ?? "");
        else Over(_log, ended.Id, session.About.StreamId, ended.Duration, session.Segments.Bytes, session.Segments.Gaps, ended.Reason);
    }

    private void OnProblem(RecordingSession session, string? problem)
    {
        if (problem is null) Recovered(_log, session.About.Id, session.About.StreamId);
        else Stuck(_log, session.About.Id, session.About.StreamId, problem);
    }

    private void OnFault(RecordingSession session, Exception exception) => Defect(_log, exception, session.About.Id, session.About.StreamId);

    [LoggerMessage(500, LogLevel.Information, "Recording {RecordingId} of {StreamId} begun ({Trigger})")]
    private static partial void Begun(ILogger logger, RecordingId recordingId, string streamId, RecordingTrigger trigger);

    [LoggerMessage(501, LogLevel.Information, "Recording {RecordingId} of {StreamId} ended after {Duration}, {Bytes} bytes, {Gaps} gaps: {Reason}")]
    private static partial void Over(ILogger logger, RecordingId recordingId, string streamId, TimeSpan duration, long bytes, int gaps, RecordingEndReason reason);

    [LoggerMessage(502, LogLevel.Error, "Recording {RecordingId} of {StreamId} failed: {Error}")]
    private static partial void Failed(ILogger logger, RecordingId recordingId, string streamId, string error);

    [LoggerMessage(503, LogLevel.Error, "Recording {RecordingId} of {StreamId} is interrupted and will be tried again. {Problem}")]
    private static partial void Stuck(ILogger logger, RecordingId recordingId, string streamId, string problem);

    [LoggerMessage(504, LogLevel.Information, "Recording {RecordingId} of {StreamId} goes on")]
    private static partial void Recovered(ILogger logger, RecordingId recordingId, string streamId);

    [LoggerMessage(505, LogLevel.Warning, "{StreamId} is not recorded: {Reason}")]
    private static partial void NotStarted(ILogger logger, string streamId, string reason);

    [LoggerMessage(507, LogLevel.Information, "Recording {RecordingId} of {StreamId} begun beside {Other} of {NodeId}")]
    private static partial void StandsBy(ILogger logger, RecordingId recordingId, string streamId, RecordingId other, string nodeId);

    [LoggerMessage(506, LogLevel.Error, "Recording {RecordingId} of {StreamId} met a defect")]
    private static partial void Defect(ILogger logger, Exception exception, RecordingId recordingId, string streamId);
}
