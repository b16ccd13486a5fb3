using System.Collections.Concurrent;
using System.Net;
using Broadcast.Client.Connections;
using Broadcast.EndToEnd.Tests.Network;
using Broadcast.LoadTest.Options;
using Broadcast.LoadTest.Run;
using Broadcast.Media.Sessions;
using Broadcast.MediaNode;

namespace Broadcast.LoadTest.Tests.Run;

/// <summary>A media plane with two workers, and publishers and viewers who come and go at it over real sockets.</summary>
/// <remarks>Every second viewer is behind a network that loses packets. Only video, since the client repairs nothing else.</remarks>
internal sealed class Crowd : IAsyncDisposable
{
    private const double Loss = 0.02;
    private static readonly TimeSpan PictureLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan EmptyLimit = TimeSpan.FromSeconds(60);
    private static readonly LoadOptions Options = new() { Server = new Uri("http://127.0.0.1:1"), Audio = false };

    private readonly MediaPlane _plane;
    private readonly EventLoop _publishing = new("publishers");
    private readonly EventLoop _direct = new("direct viewers");
    private readonly EventLoop _lossy = new("viewers behind loss");
    private readonly ImpairedLeg _leg = new(Loss, TimeSpan.FromMilliseconds(20), seed: 1);
    private readonly SessionOpener _opener;
    private readonly SessionOpener _lossyOpener;
    private readonly SemaphoreSlim _gate = new(1000);
    private readonly string[] _streams;
    private readonly Publisher[] _publishers;
    private int _joined;

    public Crowd(int streams)
    {
        var options = new MediaNodeOptions { Port = 0, Workers = 2 };
        options.HostAddresses.Add(IPAddress.Loopback);
        _plane = new MediaPlane(options, TimeProvider.System);
        _plane.SessionEnded += session => EndReasons.AddOrUpdate(session.EndReason ?? "", 1, (_, count) => count + 1);
        _plane.Start();
        _opener = new SessionOpener(Options, new InProcessSignalling(_plane));
        _lossyOpener = new SessionOpener(Options, new InProcessSignalling(_plane, _leg.Rewrite));
        _streams = [.. Enumerable.Range(1, streams).Select(number => $"s{number}")];
        _publishers = new Publisher[streams];
    }

    /// <summary>Sessions viewers have opened.</summary>
    public int Joined => _joined;

    /// <summary>Publishers that took the place of another one.</summary>
    public int Replaced { get; private set; }

    /// <summary>Why sessions ended, and how many.</summary>
    public ConcurrentDictionary<string, int> EndReasons { get; } = new();

    /// <summary>Why viewers saw no picture.</summary>
    public ConcurrentQueue<string> Failures { get; } = new();

    /// <summary>What the viewers without loss counted.</summary>
    public LoopCounters Direct => _direct.Counters;

    /// <summary>What the viewers behind loss counted.</summary>
    public LoopCounters Lossy => _lossy.Counters;

    /// <summary>The workers, for their counters.</summary>
    public IReadOnlyList<Broadcast.MediaNode.Workers.MediaWorker> Workers => _plane.Workers;

    /// <summary>Exceptions that ended a loop of the client.</summary>
    public IEnumerable<Exception> LoopFailures => new[] { _publishing, _direct, _lossy }.Select(loop => loop.Failure).OfType<Exception>();

    /// <summary>Lets publishers and viewers come and go, then waits until the plane knows none of them any more.</summary>
    /// <param name="duration">How long.</param>
    /// <param name="viewers">How many at once.</param>
    /// <param name="longestStay">Viewers leave after any time up to this.</param>
    /// <param name="patient">False: they leave whether or not they have seen a picture, or were connected.</param>
    /// <param name="replacing">Every three seconds another publisher takes over one of the streams.</param>
    /// <param name="seed">Of the times.</param>
    /// <exception cref="TimeoutException">Something was left; the message says what.</exception>
    public async Task RunAsync(TimeSpan duration, int viewers, TimeSpan longestStay, bool patient, bool replacing, int seed)
    {
        using var end = new CancellationTokenSource();
        for (var i = 0; i < _streams.Length; i++) await PublishAsync(i);
        end.CancelAfter(duration);
        var chance = new Random(seed);
        var visits = Enumerable.Range(0, viewers).Select(number => VisitAsync(number, new Random(chance.Next()), longestStay, patient, end.Token));
        await Task.WhenAll([replacing ? ReplacePublishersAsync(end.Token) : Task.CompletedTask, .. visits]);
        foreach (var publisher in _publishers) await publisher.LeaveAsync(CancellationToken.None);
        await UntilEmptyAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var loop in new[] { _publishing, _direct, _lossy }) loop.Dispose();
        await _leg.DisposeAsync();
        _plane.Stop("the test is over");
        _plane.Dispose();
        _opener.Dispose();
        _lossyOpener.Dispose();
        _gate.Dispose();
    }

    private async Task PublishAsync(int index)
    {
        var before = _publishers[index];
        var publisher = new Publisher(_streams[index], Clips.Vp8(frames: 60, frameLength: 4_000), audio: null, Pacing.Burst);
        await publisher.StartAsync(_opener, _publishing, CancellationToken.None);
        _publishers[index] = publisher;
        // The server has replaced it already; this frees the client's end.
        if (before is not null) await before.LeaveAsync(CancellationToken.None);
    }

    private async Task ReplacePublishersAsync(CancellationToken end)
    {
        while (await WaitAsync(TimeSpan.FromSeconds(3), end)) await PublishAsync(Replaced++ % _streams.Length);
    }

    private async Task VisitAsync(int number, Random chance, TimeSpan longestStay, bool patient, CancellationToken end)
    {
        var behindLoss = number % 2 == 1;
        while (!end.IsCancellationRequested)
        {
            var viewer = new Viewer();
            var stay = chance.NextDouble() * longestStay;
            using var impatience = patient ? new CancellationTokenSource() : new CancellationTokenSource(stay);
            var stream = _streams[chance.Next(_streams.Length)];
            await viewer.JoinAsync(
                behindLoss ? _lossyOpener : _opener, behindLoss ? _lossy : _direct, stream, sampleEvery: 16, sentTimes: null, _gate, PictureLimit, impatience.Token);
            if (viewer.HasJoined) Interlocked.Increment(ref _joined);
            if (patient && viewer.Error is not null) Failures.Enqueue($"{stream}: {viewer.Error}");
            if (patient) await WaitAsync(stay, end);
            await viewer.LeaveAsync(CancellationToken.None);
        }
    }

    private async Task UntilEmptyAsync()
    {
        using var limit = new CancellationTokenSource(EmptyLimit);
        while (_plane.SessionCount != 0 || Workers.Any(worker => worker.Engine.PeerCount != 0))
        {
            if (!await WaitAsync(TimeSpan.FromMilliseconds(50), limit.Token))
                throw new TimeoutException($"Left: {_plane.SessionCount} sessions, peers {string.Join(" + ", Workers.Select(worker => worker.Engine.PeerCount))}.");
        }
    }

    /// <returns>False when it was the end instead.</returns>
    private static async Task<bool> WaitAsync(TimeSpan time, CancellationToken end)
    {
        await Task.Delay(time, end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !end.IsCancellationRequested;
    }
}
