using System.Collections.Concurrent;
using Broadcast.Signalling.Api;
using Broadcast.Vod.Hooks;
using Broadcast.Vod.Jobs;
using Broadcast.Vod.Journal;
using Broadcast.Vod.Recordings;
using Broadcast.Vod.Retention;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Broadcast.Vod.Catalogue;

/// <summary>Brings the catalogue to where the journals are, however long that takes; recorders do not wait for it.</summary>
/// <remarks>
/// What is queued is which recordings changed, not what changed: a catalogue that was away for an hour gets one update of each. At the
/// start the journals of the spool are read, before a recorder of this process can add to it, and what was cut short is repaired.
/// </remarks>
internal sealed partial class CatalogueFollower : BackgroundService
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private readonly RecordingLedger _ledger;
    private readonly ICatalogue _catalogue;
    private readonly SpoolRepair _repair;
    private readonly JobQueue _jobs;
    private readonly RecordingRemoval _removal;
    private readonly NodeIdentity _node;
    private readonly TimeProvider _time;
    private readonly ILogger<CatalogueFollower> _log;
    private readonly ConcurrentDictionary<RecordingId, byte> _changed = new();
    private readonly SemaphoreSlim _news = new(0);
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IReadOnlyList<RecordingId> _left = [];

    public CatalogueFollower(
        RecordingLedger ledger, ICatalogue catalogue, SpoolRepair repair, JobQueue jobs, RecordingRemoval removal, LedgerNews news, NodeIdentity node, TimeProvider time,
        ILogger<CatalogueFollower> log)
    {
        (_ledger, _catalogue, _repair, _jobs, _removal, _node, _time, _log) = (ledger, catalogue, repair, jobs, removal, node, time, log);
        ledger.Changed += (what, _) => Note(what.Id);
        ledger.Changed += news.OnChanged;
    }

    /// <summary>Completes when the spool has been repaired and the catalogue knows of all that is in it.</summary>
    public Task Ready => _ready.Task;

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        _left = _repair.Load();
        return base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        foreach (var id in _left)
        {
            await _repair.RepairAsync(id, stoppingToken);
            Note(id);
        }

        await UntilItAnswersAsync(_catalogue.PrepareAsync, stoppingToken);
        await FollowAllAsync(stoppingToken);
        await UntilItAnswersAsync(ReconcileAsync, stoppingToken);
        foreach (var history in _ledger.Histories.Where(history => history.IsStored).ToList()) _ledger.Forget(history.Id);
        _ready.TrySetResult();
        while (!stoppingToken.IsCancellationRequested)
        {
            await _news.WaitAsync(stoppingToken);
            await FollowAllAsync(stoppingToken);
        }
    }

    private void Note(RecordingId id)
    {
        _changed[id] = 0;
        _news.Release();
    }

    private async Task FollowAllAsync(CancellationToken stopping)
    {
        foreach (var id in _changed.Keys.Order(Comparer<RecordingId>.Create((a, b) => string.CompareOrdinal(a.ToString(), b.ToString()))).ToList())
        {
            _changed.TryRemove(id, out _);
            await UntilItAnswersAsync(cancellation => FollowAsync(id, cancellation), stopping);
        }
    }

    /// <summary>Looks for a recording that this node has begun just now, and of which the catalogue has not heard yet.</summary>
    /// <returns>Null when this node does not know of it either, or when it is deleted.</returns>
    public async Task<Recording?> FindNewAsync(RecordingId id, CancellationToken cancellation) =>
        _ledger.TryGet(id, out var history) && !_ledger.IsRemoved(id) && await TellAsync(history, cancellation) ? await _catalogue.FindAsync(id, cancellation) : null;

    /// <returns>False when it is none of the catalogue's business.</returns>
    private async Task<bool> TellAsync(RecordingHistory history, CancellationToken cancellation)
    {
        if (history.IsHidden) return false;
        await _catalogue.FollowAsync(history, cancellation);
        if (!_ledger.IsRemoved(history.Id)) return true;

        // Deleted meanwhile: the entry must not come back.
        await _catalogue.RemoveReturnedAsync(history.Id, cancellation);
        return false;
    }

    private async Task FollowAsync(RecordingId id, CancellationToken cancellation)
    {
        if (!_ledger.TryGet(id, out var history) || !await TellAsync(history, cancellation) || history.Ended is null) return;
        if (await _catalogue.FindAsync(id, cancellation) is not { } recording)
        {
            // Deleted while this node was away: it has just told the catalogue, which shows it to nobody.
            await _removal.TryFinishAsync(id, cancellation);
            return;
        }

        if (history.State is not (RecordingState.Finishing or RecordingState.Ready) || history.IsStored || _jobs.HasOpen(id)) return;
        if (recording.State is RecordingState.Finishing) await _jobs.AddAsync(JobKind.Finish, recording, "", cancellation);
        else if (recording.State is RecordingState.Ready) await _jobs.AddAsync(JobKind.Upload, recording, "", cancellation);
    }

    /// <summary>Recordings that this node should have and that are not in its spool are lost; those that could not be finished are tried again.</summary>
    private async Task ReconcileAsync(CancellationToken cancellation)
    {
        foreach (var history in _ledger.Histories.Where(history => history.State is RecordingState.Finishing).ToList())
        {
            if (await _catalogue.FindAsync(history.Id, cancellation) is not { State: RecordingState.Failed } failed) continue;
            await _catalogue.SetStateAsync(failed.Id, RecordingState.Finishing, null, cancellation);
            await _catalogue.SetErrorAsync(failed.Id, history.Error, cancellation);
            await _jobs.AddAsync(JobKind.Finish, failed, "", cancellation);
        }

        foreach (var state in (RecordingState[])[RecordingState.Recording, RecordingState.Finishing])
        {
            foreach (var lost in await _catalogue.ListAsync(new RecordingQuery(State: state, Node: _node.Id, Limit: 1000), cancellation))
            {
                if (_ledger.TryGet(lost.Id, out _)) continue;
                Lost(_log, lost.Id);
                await _catalogue.SetStateAsync(lost.Id, RecordingState.Failed, "Its files are gone from the disk of the node that recorded it.", cancellation);
            }
        }
    }

    private async Task UntilItAnswersAsync(Func<CancellationToken, Task> ask, CancellationToken stopping)
    {
        for (var pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            try
            {
                await ask(stopping);
                if (pause > FirstPause) IsBack(_log);
                return;
            }
            catch (CatalogueUnavailableException exception)
            {
                if (pause == FirstPause) IsAway(_log, exception.Message);
                await Task.Delay(pause, _time, stopping);
            }
        }
    }

    [LoggerMessage(610, LogLevel.Error, "{Reason} Recording goes on; the catalogue is brought up to date when it answers.")]
    private static partial void IsAway(ILogger logger, string reason);

    [LoggerMessage(611, LogLevel.Information, "The catalogue of recordings answers again")]
    private static partial void IsBack(ILogger logger);

    [LoggerMessage(612, LogLevel.Error, "Recording {RecordingId} is in the catalogue, but not in the spool of this node")]
    private static partial void Lost(ILogger logger, RecordingId recordingId);
}
