using Broadcast.Client.Connections;
using Broadcast.Client.Signalling;
using Broadcast.Rtc;

namespace Broadcast.LoadTest.Run;

/// <summary>One viewer's way through the run. Written by its join task, read when that is over.</summary>
internal sealed class Viewer
{
    private readonly TaskCompletionSource _settled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private SessionOpener.Opened? _opened;

    /// <summary>Its media; null before it was answered.</summary>
    public ViewerSession? Session { get; private set; }

    /// <summary>Why it never played; null when it did.</summary>
    public string? Error { get; private set; }

    /// <summary>The server answered.</summary>
    public bool HasJoined => _opened is not null;

    /// <summary>When its POST was sent; meaningful when <see cref="HasJoined"/>.</summary>
    public MonotonicTime PostedAt => _opened!.PostedAt;

    /// <summary>From POST to answer.</summary>
    public TimeSpan SignallingTime => _opened!.AnsweredAt - _opened.PostedAt;

    /// <summary>From POST to the end of the handshake; meaningful when it plays.</summary>
    public TimeSpan ConnectTime => Session!.ConnectedAt - _opened!.PostedAt;

    /// <summary>From POST to the first complete keyframe; meaningful when it plays.</summary>
    public TimeSpan JoinTime => Session!.PlayingSince - _opened!.PostedAt;

    /// <summary>Its transport.</summary>
    public Peer? Peer => _opened?.Peer;

    /// <summary>It reached a picture.</summary>
    public bool IsPlaying => Session is { IsPlaying: true };

    /// <summary>Joins and waits for the first picture.</summary>
    /// <param name="opener">Opens the session.</param>
    /// <param name="loop">Who serves it.</param>
    /// <param name="stream">What it watches.</param>
    /// <param name="sampleEvery">See <see cref="ViewerSession"/>.</param>
    /// <param name="sentTimes">Of the stream's publisher, if it is in this process.</param>
    /// <param name="gate">Bounds requests at a time.</param>
    /// <param name="limit">How long to wait for the picture.</param>
    /// <param name="cancellation">Stops the attempt.</param>
    public async Task JoinAsync(
        SessionOpener opener, EventLoop loop, string stream, int sampleEvery, SentTimes? sentTimes, SemaphoreSlim gate, TimeSpan limit, CancellationToken cancellation)
    {
        try
        {
            await gate.WaitAsync(cancellation);
            try
            {
                _opened = await opener.OpenAsync(loop, stream, sources: null, remote => CreateSession(remote, sampleEvery, sentTimes), cancellation);
            }
            finally
            {
                gate.Release();
            }

            await _settled.Task.WaitAsync(limit, cancellation);
            Error = Session!.IsPlaying ? null : Session.EndReason;
        }
        catch (TimeoutException)
        {
            Error = $"no complete keyframe within {limit.TotalSeconds:0} s";
        }
        catch (Exception failure) when (failure is SignallingException or HttpRequestException or IOException or TaskCanceledException or System.Net.Sockets.SocketException)
        {
            Error = failure.Message;
        }
    }

    /// <summary>Chooses a quality, when it plays.</summary>
    /// <param name="json">As the layer extension of WHEP has it.</param>
    /// <param name="cancellation">Stops the attempt.</param>
    /// <exception cref="SignallingException">The server refused, or knows no layers.</exception>
    public async Task ChooseLayerAsync(string json, CancellationToken cancellation)
    {
        if (!IsPlaying) return;
        if (_opened!.Signalled.ChooseLayerAsync is not { } choose) throw new SignallingException("The server has no layers to choose from.");
        await choose(json, cancellation);
    }

    /// <summary>Ends the session at the server and here.</summary>
    public async Task LeaveAsync(CancellationToken cancellation)
    {
        if (_opened is null) return;
        await Leaving.EndAsync(_opened, cancellation);
    }

    private ViewerSession CreateSession(RemoteDescription remote, int sampleEvery, SentTimes? sentTimes)
    {
        if (remote.Video is null && remote.Audio is null) throw new SignallingException("The server offers no track that can be received.");
        return Session = new ViewerSession(remote.Audio, remote.Video, sampleEvery, sentTimes) { Settled = _ => _settled.TrySetResult() };
    }
}
