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

    /// <summary>False for a source that keeps to its keyframe interval whatever it is asked, as OBS does.</summary>
    public bool AnswersKeyframeRequests { get; init; } = true;

    /// <summary>Further encodings of the picture, each smaller than the one before; then all are sent under the RIDs 0, 1, 2, …, the best first.</summary>
    public IReadOnlyList<MediaClip> Smaller { get; init; } = [];

    /// <summary>When it sent what of the best encoding.</summary>
    public SentTimes SentTimes { get; } = new(video);

    /// <summary>Completed when the server or the network ended the session.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Begins to publish.</summary>
    /// <exception cref="SignallingException">The server refused, or the connection failed.</exception>
    public async Task StartAsync(SessionOpener opener, EventLoop loop, CancellationToken cancellation)
    {
        var sources = new SourceIds(RandomSource(), RandomSource(), RandomSource()) { Encodings = Smaller.Count + 1 };
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
        VideoPlayer[] videoTracks =
        [
            new(new SendTrack(video, remote.Video, sources.Video, sources.VideoRtx, sources.Rid(0)), SentTimes, pacing),
            .. Smaller.Select((clip, i) => new VideoPlayer(new SendTrack(clip, remote.Video, RandomSource(), RandomSource(), sources.Rid(i + 1)), sentTimes: null, pacing)),
        ];
        var audioTrack = audio is null || remote.Audio is null ? null : new SendTrack(audio, remote.Audio, sources.Audio, 0);
        return _session = new PublisherSession(audioTrack, videoTracks)
        {
            AnswersKeyframeRequests = AnswersKeyframeRequests,
            Settled = _ => _settled.TrySetResult(),
            Ended = _ended.SetResult,
        };
    }

    private static uint RandomSource() => BinaryPrimitives.ReadUInt32LittleEndian(RandomNumberGenerator.GetBytes(4)) | 1;
}
