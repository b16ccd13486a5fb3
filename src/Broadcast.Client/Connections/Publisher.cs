using System.Buffers.Binary;
using System.Security.Cryptography;
using Broadcast.Client.Media;
using Broadcast.Client.Signalling;

namespace Broadcast.Client.Connections;

/// <summary>One publisher's way through the run.</summary>
internal sealed class Publisher(string stream, MediaClip video, MediaClip? audio, Pacing pacing)
{
    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(10);

    private readonly TaskCompletionSource _settled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private SessionOpener.Opened? _opened;
    private PublisherSession? _session;

    /// <summary>Its stream.</summary>
    public string Stream => stream;

    /// <summary>When it sent what.</summary>
    public SentTimes SentTimes { get; } = new(video);

    /// <summary>Completed when the server or the network ended the session.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Begins to publish.</summary>
    /// <exception cref="SignallingException">The server refused, or the connection failed.</exception>
    public async Task StartAsync(SessionOpener opener, EventLoop loop, CancellationToken cancellation)
    {
        var sources = new SourceIds(RandomSource(), RandomSource(), RandomSource());
        _opened = await opener.OpenAsync(loop, stream, sources, remote => CreateSession(remote, sources), cancellation);
        try
        {
            await _settled.Task.WaitAsync(ConnectLimit, cancellation);
        }
        catch (TimeoutException)
        {
            throw new SignallingException($"The publisher of {stream} did not connect within {ConnectLimit.TotalSeconds:0} s.");
        }

        if (_session is { IsConnected: false }) throw new SignallingException($"The publisher of {stream}: {_session.EndReason}.");
    }

    /// <summary>Ends the session.</summary>
    public Task LeaveAsync(CancellationToken cancellation) => _opened is null ? Task.CompletedTask : Leaving.EndAsync(_opened, cancellation);

    private PublisherSession CreateSession(RemoteDescription remote, SourceIds sources)
    {
        if (remote.Video is null || remote.Video.Codec != video.Codec) throw new SignallingException($"The server does not take {video.Codec}.");
        var videoTrack = new SendTrack(video, remote.Video, sources.Video, sources.VideoRtx);
        var audioTrack = audio is null || remote.Audio is null ? null : new SendTrack(audio, remote.Audio, sources.Audio, 0);
        return _session = new PublisherSession(audioTrack, videoTrack, SentTimes, pacing) { Settled = _ => _settled.TrySetResult(), Ended = _ended.SetResult };
    }

    private static uint RandomSource() => BinaryPrimitives.ReadUInt32LittleEndian(RandomNumberGenerator.GetBytes(4)) | 1;
}
