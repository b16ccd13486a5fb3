using System.Collections.Concurrent;
using Broadcast.Signalling.Api;
using Broadcast.Vod.Catalogue;
using Broadcast.Vod.Recordings;
using Broadcast.Vod.Stores;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Broadcast.Vod.Jobs;

/// <summary>The work of this node, the oldest first: so many at once, and one upload besides. Thread-safe.</summary>
/// <remarks>
/// Jobs stand in the catalogue, so those of a node that was killed begin again with it, and another node may add to them or cancel them.
/// Progress is kept in memory. What fails for a reason that may pass is tried again, later each time.
/// </remarks>
internal sealed partial class JobQueue(
    ICatalogue catalogue, IEnumerable<IJobWork> works, NodeIdentity node, VodOptions options, TimeProvider time, ILogger<JobQueue> log) : BackgroundService
{
    /// <summary>Of finishing: a workshop that was killed may do better the next time.</summary>
    private const int TriesOfWork = 3;

    /// <summary>Of what nobody expected, such as a full disk, which somebody may mend within minutes.</summary>
    private const int TriesOfTheUnexpected = 10;

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(2);

    /// <summary>How often the catalogue is asked for what other nodes have added.</summary>
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, Entry> _open = new();
    private readonly ConcurrentDictionary<string, byte> _over = new();
    private readonly SemaphoreSlim _news = new(0);
    private readonly Lock _lock = new();
    private int _working;
    private int _uploading;
    private int _isStoreAway;

    /// <summary>Adds a job for the node that has the recording's files; one that is there already and does the same is returned instead.</summary>
    /// <exception cref="CatalogueUnavailableException">It was not added.</exception>
    public async Task<Job> AddAsync(JobKind kind, Recording recording, string parameters, CancellationToken cancellation)
    {
        var isOnce = kind is JobKind.Finish or JobKind.Upload;
        if (isOnce && _open.Values.FirstOrDefault(entry => entry.Job.Recording == recording.Id && entry.Job.Kind == kind) is { } same)
        {
            // An upload that is under way has looked at the files already.
            same.IsWantedAgain = kind is JobKind.Upload;
            return same.Job;
        }

        var now = time.GetUtcNow();
        var job = new Job(
            RecordingId.New(now).ToString(), recording.Id, recording.Stream, kind, JobState.Queued, parameters, 0, now, null, null, 0, now, null, null,
            isOnce ? node.Id : recording.Node);
        await catalogue.SaveJobAsync(job, cancellation);
        if (job.Node == node.Id)
        {
            _open.TryAdd(job.Id, new Entry(job));
            _news.Release();
        }

        return job;
    }

    /// <summary>The job with its latest progress.</summary>
    public Job Latest(Job job) => _open.TryGetValue(job.Id, out var entry) ? entry.Job : job;

    /// <summary>True while something of this node's works with the files of a recording, or will.</summary>
    public bool HasOpen(RecordingId recording) => _open.Values.Any(entry => entry.Job.Recording == recording);

    /// <summary>Cancels a job; one that runs ends a little later.</summary>
    public async Task CancelAsync(Job job, CancellationToken cancellation)
    {
        if (_open.TryGetValue(job.Id, out var entry))
        {
            bool isWaiting;
            lock (_lock)
            {
                entry.IsCancelled = true;
                isWaiting = !entry.IsRunning;
            }

            if (!isWaiting)
            {
                await entry.Cancel.CancelAsync();
                return;
            }

            job = entry.Job;
        }

        await catalogue.SaveJobAsync(job with { State = JobState.Cancelled, EndedAt = time.GetUtcNow() }, cancellation);
        _over[job.Id] = 0;
        _open.TryRemove(job.Id, out _);
    }

    /// <summary>Ends all that works with a recording's files, and waits for it.</summary>
    public async Task CancelAllAsync(RecordingId recording, CancellationToken cancellation)
    {
        foreach (var entry in _open.Values.Where(entry => entry.Job.Recording == recording).ToList())
        {
            await CancelAsync(entry.Job, cancellation);
            if (entry.IsRunning) await entry.Over.Task.WaitAsync(cancellation);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        while (!stoppingToken.IsCancellationRequested)
        {
            await LookAsync(stoppingToken);
            await WaitAsync(Begin(stoppingToken), stoppingToken);
        }
    }

    private async Task LookAsync(CancellationToken stopping)
    {
        try
        {
            var before = _open.Keys.ToHashSet();
            var listed = await catalogue.ListOpenJobsAsync(node.Id, stopping);
            // A job that is "running" but not here was cut short with the process that did it.
            // One that is over here was still open when the list was read.
            foreach (var job in listed.Where(job => !_over.ContainsKey(job.Id)))
            {
                if (_open.TryAdd(job.Id, new Entry(job with { State = JobState.Queued, Progress = 0 })) && _over.ContainsKey(job.Id)) _open.TryRemove(job.Id, out _);
            }

            foreach (var gone in before.Except(listed.Select(job => job.Id)))
            {
                if (_open.TryGetValue(gone, out var entry) && await catalogue.FindJobAsync(gone, stopping) is null or { State: JobState.Cancelled })
                    await CancelAsync(entry!.Job, stopping);
            }
        }
        catch (CatalogueUnavailableException)
        {
            // The follower says it once for all; what is known goes on.
        }
    }

    /// <summary>Begins what is due; returns when to look again.</summary>
    private TimeSpan Begin(CancellationToken stopping)
    {
        var now = time.GetUtcNow();
        var next = LookAgain;
        lock (_lock)
        {
            foreach (var entry in _open.Values.Where(entry => !entry.IsRunning && !entry.IsCancelled).OrderBy(entry => entry.Job.Id, StringComparer.Ordinal))
            {
                var wait = entry.Job.NotBefore - now;
                if (wait > TimeSpan.Zero)
                {
                    if (wait < next) next = wait;
                    continue;
                }

                ref var lane = ref entry.Job.Kind is JobKind.Upload ? ref _uploading : ref _working;
                if (lane >= (entry.Job.Kind is JobKind.Upload ? 1 : options.Jobs)) continue;
                lane++;
                entry.IsRunning = true;
                entry.Over = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                _ = Task.Run(() => RunAsync(entry, stopping), CancellationToken.None);
            }
        }

        return next;
    }

    private async Task WaitAsync(TimeSpan atMost, CancellationToken stopping)
    {
        using var timer = new CancellationTokenSource(atMost, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping, timer.Token);
        try
        {
            await _news.WaitAsync(either.Token);
            while (_news.Wait(0, CancellationToken.None)) { }
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
        }
    }

    private async Task RunAsync(Entry entry, CancellationToken stopping)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stopping, entry.Cancel.Token);
        var work = works.First(candidate => candidate.Does(entry.Job.Kind));
        entry.Job = entry.Job with { State = JobState.Running, StartedAt = time.GetUtcNow(), Attempts = entry.Job.Attempts + 1, Progress = 0 };
        try
        {
            await SaveAsync(entry.Job, ending.Token);
            string? file;
            do
            {
                entry.IsWantedAgain = false;
                file = await work.RunAsync(entry.Job, new DirectProgress<double>(value => entry.Job = entry.Job with { Progress = Math.Clamp(value, 0, 1) }), ending.Token);
            }
            while (entry.IsWantedAgain);
            if (entry.Job.Kind is JobKind.Upload && Interlocked.Exchange(ref _isStoreAway, 0) == 1) StoreIsBack(log);
            await EndAsync(entry, entry.Job with { State = JobState.Done, Progress = 1, EndedAt = time.GetUtcNow(), Error = null, File = file }, stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Goes on when the node is back.
        }
        catch (OperationCanceledException) when (entry.IsCancelled)
        {
            await EndAsync(entry, entry.Job with { State = JobState.Cancelled, EndedAt = time.GetUtcNow(), Error = null }, stopping);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            await FailAsync(entry, work, exception, stopping);
        }
        finally
        {
            lock (_lock)
            {
                entry.IsRunning = false;
                if (entry.Job.Kind is JobKind.Upload) _uploading--;
                else _working--;
            }

            entry.Over.TrySetResult();
            _news.Release();
        }
    }

    private async Task FailAsync(Entry entry, IJobWork work, Exception exception, CancellationToken stopping)
    {
        // A store or a catalogue that is away comes back; work that cannot be done seldom can be later.
        var mayPass = exception is StoreUnavailableException or CatalogueUnavailableException;
        var error = exception is WorkshopException || mayPass ? exception.Message : $"It failed unexpectedly: {exception.Message}";
        var tries = exception is not WorkshopException ? TriesOfTheUnexpected : entry.Job.Kind is JobKind.Clip or JobKind.Export ? 1 : TriesOfWork;
        var isOver = !mayPass && entry.Job.Attempts >= tries;
        if (exception is not WorkshopException && !mayPass) Unexpected(log, exception, entry.Job.Kind, entry.Job.Recording);
        if (isOver)
        {
            GivenUp(log, entry.Job.Kind, entry.Job.Recording, error);
            await EndAsync(entry, entry.Job with { State = JobState.Failed, EndedAt = time.GetUtcNow(), Error = error }, stopping);
            await KeepTryingAsync(() => work.OnFailedAsync(entry.Job, error, stopping), stopping);
            return;
        }

        var pause = FirstPause * Math.Pow(2, Math.Min(entry.Job.Attempts - 1, 10));
        if (pause > LongestPause) pause = LongestPause;
        if (exception is StoreUnavailableException)
        {
            // Once for all recordings that wait.
            if (Interlocked.Exchange(ref _isStoreAway, 1) == 0) StoreIsAway(log, error);
        }
        else if (entry.Job.Attempts is 1 or 10)
        {
            TriedAgain(log, entry.Job.Kind, entry.Job.Recording, error);
        }

        entry.Job = entry.Job with { State = JobState.Queued, Error = error, NotBefore = time.GetUtcNow() + pause };
        try
        {
            await catalogue.SaveJobAsync(entry.Job, stopping);
        }
        catch (Exception unsaved) when (unsaved is CatalogueUnavailableException or OperationCanceledException)
        {
            // The catalogue still says "running", which after a restart means the same.
        }
    }

    private async Task EndAsync(Entry entry, Job job, CancellationToken stopping)
    {
        entry.Job = job;
        await KeepTryingAsync(() => catalogue.SaveJobAsync(job, stopping), stopping);
        _over[job.Id] = 0;
        _open.TryRemove(job.Id, out _);
    }

    private async Task SaveAsync(Job job, CancellationToken cancellation)
    {
        try
        {
            await catalogue.SaveJobAsync(job, cancellation);
        }
        catch (CatalogueUnavailableException)
        {
            // That it runs is known here; that it is over will be saved.
        }
    }

    private async Task KeepTryingAsync(Func<Task> work, CancellationToken stopping)
    {
        for (var pause = FirstPause; ; pause = pause < LongestPause ? pause * 2 : LongestPause)
        {
            try
            {
                await work();
                return;
            }
            catch (CatalogueUnavailableException) when (!stopping.IsCancellationRequested)
            {
                await Task.Delay(pause, time, stopping).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    [LoggerMessage(620, LogLevel.Warning, "{Kind} of recording {RecordingId} failed and is tried again: {Reason}")]
    private static partial void TriedAgain(ILogger logger, JobKind kind, RecordingId recordingId, string reason);

    [LoggerMessage(621, LogLevel.Error, "{Kind} of recording {RecordingId} failed for good: {Reason}")]
    private static partial void GivenUp(ILogger logger, JobKind kind, RecordingId recordingId, string reason);

    [LoggerMessage(622, LogLevel.Error, "{Kind} of recording {RecordingId} failed unexpectedly")]
    private static partial void Unexpected(ILogger logger, Exception exception, JobKind kind, RecordingId recordingId);

    [LoggerMessage(623, LogLevel.Warning, "{Reason} Finished recordings wait in the spool, and are played from there, until it answers.")]
    private static partial void StoreIsAway(ILogger logger, string reason);

    [LoggerMessage(624, LogLevel.Information, "The store of recordings takes files again")]
    private static partial void StoreIsBack(ILogger logger);

    private sealed class Entry(Job job)
    {
        private volatile Job _job = job;

        public Job Job { get => _job; set => _job = value; }

        public bool IsRunning { get; set; }

        public bool IsCancelled { get; set; }

        public bool IsWantedAgain { get; set; }

        public CancellationTokenSource Cancel { get; } = new();

        /// <summary>Of the present try.</summary>
        public TaskCompletionSource Over { get; set; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
