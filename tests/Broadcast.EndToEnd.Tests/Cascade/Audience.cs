using Broadcast.Client.Connections;
using Broadcast.Client.Signalling;
using Broadcast.EndToEnd.Tests.Server;
using Broadcast.MediaNode;
using Broadcast.Rtc;

namespace Broadcast.EndToEnd.Tests.Cascade;

/// <summary>Viewers of one stream at one node, by the client library: real DTLS, without decoding.</summary>
internal sealed class Audience : IAsyncDisposable
{
    private static readonly TimeSpan PictureLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LeaveLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    private readonly EventLoop _loop;
    private readonly WhipWhepSignalling _signalling;
    private readonly SessionOpener _opener;
    private readonly List<SessionOpener.Opened> _opened = [];
    private ViewerSession[] _sessions = [];

    private Audience(Uri node)
    {
        _loop = new EventLoop($"viewers of {node}");
        _signalling = new WhipWhepSignalling(node, token: null, connections: 8);
        _opener = new SessionOpener(new ConnectionOptions { Server = node }, _signalling);
    }

    /// <summary>What viewers have got, at one moment.</summary>
    /// <param name="FewestPackets">Of the picture, by the viewer that has the fewest.</param>
    /// <param name="Lost">Packets lost for good, by all together.</param>
    /// <param name="LongestPause">Without a packet of the picture, by the viewer that had the longest; since <see cref="RestartAsync"/>.</param>
    /// <param name="Ended">Why sessions have ended.</param>
    public sealed record View(long FewestPackets, long Lost, TimeSpan LongestPause, IReadOnlyList<string> Ended)
    {
        public override string ToString() =>
            $"at least {FewestPackets} packets, {Lost} lost for good, longest pause {LongestPause.TotalMilliseconds:F0} ms, ended: {string.Join(", ", Ended.Distinct())}";
    }

    /// <summary>Joins, and waits until all have a complete keyframe.</summary>
    public static async Task<Audience> JoinAsync(ServerNode node, string stream, int viewers)
    {
        var audience = new Audience(new Uri(node.Address));
        try
        {
            audience._sessions = await Task.WhenAll(Enumerable.Range(0, viewers).Select(_ => audience.JoinAsync(stream)));
            return audience;
        }
        catch
        {
            await audience.DisposeAsync();
            throw;
        }
    }

    /// <summary>Forgets pauses that were.</summary>
    public Task RestartAsync() => ReadAsync(sessions =>
    {
        foreach (var session in sessions) session.Pauses.Restart();
        return true;
    });

    /// <summary>How it is now.</summary>
    public Task<View> LookAsync() => ReadAsync(sessions => new View(
        sessions.Min(session => session.PacketCount),
        sessions.Sum(session => session.Lost),
        sessions.Max(session => session.Pauses.Longest(MonotonicClock.Now())),
        [.. sessions.Select(session => session.EndReason).OfType<string>()]));

    /// <summary>The SSRC of each viewer's picture: it stays the same as long as nobody negotiates again.</summary>
    public Task<uint[]> SourcesAsync() => ReadAsync(sessions => sessions.Select(session => session.VideoSource).ToArray());

    /// <summary>Waits until each viewer has got so many more packets of the picture.</summary>
    /// <exception cref="TimeoutException">They have not within the limit.</exception>
    public async Task<View> UntilMoreAsync(int packets, TimeSpan limit)
    {
        var wanted = await ReadAsync(sessions => sessions.Select(session => session.PacketCount + packets).ToArray());
        using var end = new CancellationTokenSource(limit);
        using var timer = new PeriodicTimer(Interval);
        while (!await ReadAsync(sessions => sessions.Zip(wanted).All(pair => pair.First.PacketCount >= pair.Second)))
        {
            if (end.IsCancellationRequested) throw new TimeoutException($"Not each viewer has got {packets} more packets in {limit}: {await LookAsync()}");
            await timer.WaitForNextTickAsync();
        }

        return await LookAsync();
    }

    public async ValueTask DisposeAsync()
    {
        using var limit = new CancellationTokenSource(LeaveLimit);
        await Task.WhenAll(_opened.Select(opened => Leaving.EndAsync(opened, limit.Token)));
        _loop.Dispose();
        _opener.Dispose();
        await _signalling.DisposeAsync();
    }

    private async Task<ViewerSession> JoinAsync(string stream)
    {
        var settled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        ViewerSession? session = null;
        var opened = await _opener.OpenAsync(
            _loop,
            stream,
            sources: null,
            remote => session = new ViewerSession(remote.Audio, remote.Video, sampleEvery: 64, sentTimes: null) { Settled = _ => settled.TrySetResult() },
            CancellationToken.None);
        lock (_opened) _opened.Add(opened);
        await settled.Task.WaitAsync(PictureLimit);
        return session!.IsPlaying ? session : throw new InvalidOperationException($"A viewer got no picture: {session.EndReason}");
    }

    private async Task<T> ReadAsync<T>(Func<ViewerSession[], T> read)
    {
        var result = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _loop.Post(_ => result.SetResult(read(_sessions)));
        return await result.Task;
    }
}
