using System.Collections.Concurrent;
using Broadcast.Grains.Cluster;
using Broadcast.Media.Routing;
using Broadcast.Recording;
using Broadcast.RelayPlane;
using Broadcast.Vod.Recordings;

namespace Broadcast.Server.Cluster;

/// <summary>Recordings that this node makes beside another's: begun on order, and promoted or deleted by what becomes of the other one.</summary>
/// <remarks>
/// <para>The recording's own node is asked, every second; nobody has to remember anything. Running → goes on. Over → this one is deleted. Cut
/// short, or its node gone → this one takes its place, and the other node is told, as soon as it is there, to delete its part.</para>
/// <para>A node that cannot be reached but is a member is neither: this one goes on beside it. Nothing is ever deleted on a guess.</para>
/// </remarks>
internal sealed partial class Standbys(
    ClusterNode node, Recorder? recorder, IStandbyRecordings recordings, StreamDirectory streams, IRecordPlane here, TimeProvider time, ILogger log) : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    /// <summary>How often the other node is asked.</summary>
    private static readonly TimeSpan Ask = TimeSpan.FromSeconds(1);

    /// <summary>How often one that came back is told that its part is not needed; it may still be finishing it.</summary>
    private static readonly TimeSpan Tell = TimeSpan.FromSeconds(5);

    /// <summary>An order is given up then; the grain has chosen another node.</summary>
    private static readonly TimeSpan OrderPatience = TimeSpan.FromSeconds(10);

    /// <summary>One that ended by itself while the other goes on is of no use; but the other may be about to end too.</summary>
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, Order> _wanted = new(StringComparer.Ordinal);
    private readonly OneAtATime<RecordingId> _asking = new();
    private readonly Dictionary<RecordingId, long> _askedAt = [];
    private readonly ConcurrentDictionary<RecordingId, bool> _mine = new();
    private readonly ConcurrentDictionary<RecordingId, bool> _told = new();
    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;

    public void Start() => _running = RunAsync();

    public async Task StopAsync()
    {
        await _stopping.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public void Dispose() => _stopping.Dispose();

    /// <summary>Record beside another node, as soon as the stream is here.</summary>
    public void Want(string streamId, StandsInFor place, RecordingTrigger trigger)
    {
        if (recorder is null || recorder.Standbys.Any(standby => standby.About.StreamId == streamId && standby.Place == place)) return;
        var order = new Order(place, trigger, time.GetTimestamp());
        _wanted.AddOrUpdate(streamId, order, (_, known) => known.Place == place ? known : order);
        Begin();
    }

    /// <summary>Looks at once what became of the recording beside which a stream is recorded here.</summary>
    public async Task LookAsync(string streamId)
    {
        if (recordings.All.FirstOrDefault(standby => standby.StreamId == streamId && !standby.IsPromoted && recorder?.IsRunning(standby.Id) == true) is { } beside)
            await _asking.RunAsync(beside.Id, () => FollowAsync(beside));
    }

    /// <summary>The recording takes the other's place.</summary>
    public void Promote(RecordingId id)
    {
        try
        {
            recordings.Promote(id);
            recorder?.Promote(id);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            NotNow(log, id, exception.Message);
        }
    }

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(_stopping.Token))
        {
            Begin();
            var all = recordings.All;
            foreach (var over in _askedAt.Keys.Except(all.Select(standby => standby.Id)).ToList()) Forget(over);
            foreach (var standby in all)
            {
                if (standby.IsPromoted && _told.ContainsKey(standby.Id)) continue;
                if (_askedAt.TryGetValue(standby.Id, out var at) && time.GetElapsedTime(at) < (standby.IsPromoted ? Tell : Ask)) continue;
                _askedAt[standby.Id] = time.GetTimestamp();
                _ = _asking.RunAsync(standby.Id, () => standby.IsPromoted ? TellAsync(standby) : FollowAsync(standby));
            }
        }
    }

    private void Forget(RecordingId id)
    {
        _askedAt.Remove(id);
        _mine.TryRemove(id, out _);
        _told.TryRemove(id, out _);
    }

    private void Begin()
    {
        foreach (var (streamId, order) in _wanted)
        {
            var isLate = time.GetElapsedTime(order.Since) > OrderPatience;
            if (!isLate && streams.Find(streamId)?.Publication is not { HasEnded: false }) continue;
            var start = isLate ? null : recorder!.Start(streamId, order.Trigger, order.Place);

            // A place that is taken becomes free when the recording there has ended.
            if (!isLate && start is RecordingStart.AlreadyRunning) continue;
            if (start is RecordingStart.Started started) _mine[started.Id] = true;
            _wanted.TryRemove(new KeyValuePair<string, Order>(streamId, order));
        }
    }

    private async Task FollowAsync(StandbyRecording standby)
    {
        try
        {
            var fate = standby.OfNode == node.NodeId ? await here.FateOfAsync(standby.Of.ToString()) : await node.AskFateAsync(standby.OfNode, standby.Of.ToString());
            var isGone = fate is null && node.IsGone(standby.OfNode);
            var isRunning = recorder?.IsRunning(standby.Id) == true;
            var goesOn = isRunning && streams.Find(standby.StreamId)?.Publication is { HasEnded: false };
            if (isGone || fate is RecordingFate.CutShort || (fate is RecordingFate.Left && goesOn) || (fate is RecordingFate.Unknown && _mine.ContainsKey(standby.Id)))
            {
                Takes(log, standby.Id, standby.StreamId, standby.Of, standby.OfNode);
                Promote(standby.Id);
            }
            else if (fate is RecordingFate.Over or RecordingFate.Left or RecordingFate.Unknown || (fate is RecordingFate.Running && !isRunning && time.GetUtcNow() - standby.EndedAt > EndPatience))
            {
                if (isRunning) recorder!.EndStandby(standby.Id);
                else if (standby.EndedAt is not null) recordings.Discard(standby.Id);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            NotNow(log, standby.Id, exception.Message);
        }
    }

    private async Task TellAsync(StandbyRecording standby)
    {
        try
        {
            var isTold = standby.OfNode == node.NodeId
                ? await here.SupersedeAsync(standby.Of.ToString(), standby.StartedAt)
                : await node.TellSupersededAsync(standby.OfNode, standby.Of.ToString(), standby.StartedAt);
            if (isTold) _told[standby.Id] = true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            NotNow(log, standby.Id, exception.Message);
        }
    }

    private sealed record Order(StandsInFor Place, RecordingTrigger Trigger, long Since);

    [LoggerMessage(521, LogLevel.Warning, "Recording {RecordingId} of {StreamId} takes the place of {Other}, which was cut short on {NodeId}")]
    private static partial void Takes(ILogger logger, RecordingId recordingId, string streamId, RecordingId other, string nodeId);

    [LoggerMessage(522, LogLevel.Warning, "What became of the recording {RecordingId} cannot be written now: {Reason}")]
    private static partial void NotNow(ILogger logger, RecordingId recordingId, string reason);
}
