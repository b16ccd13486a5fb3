using Broadcast.Client.Connections;
using Broadcast.Client.Media;
using Broadcast.Client.Signalling;
using Broadcast.Rtc;

namespace Broadcast.EndToEnd.Tests.Server;

/// <summary>A source that makes a keyframe every four seconds and listens to no request, as OBS does: numbered frames in VP8, and a tone.</summary>
public sealed class DeafPublisher : IAsyncDisposable
{
    public const int FramesPerSecond = 30;

    /// <summary>Frames from keyframe to keyframe.</summary>
    public const int KeyframeInterval = 4 * FramesPerSecond;

    private readonly EventLoop _loop = new("deaf publisher");
    private readonly WhipWhepSignalling _signalling;
    private readonly SessionOpener _opener;
    private readonly Publisher _publisher;

    private DeafPublisher(Uri server, string token, string stream, MediaClip video, MediaClip audio)
    {
        _signalling = new WhipWhepSignalling(server, token, connections: 1);
        _opener = new SessionOpener(new ConnectionOptions { Server = server }, _signalling);
        _publisher = new Publisher(stream, video, audio, Pacing.Burst) { AnswersKeyframeRequests = false };
    }

    /// <summary>Begins to publish. The pictures are encoded by FFmpeg the first time.</summary>
    /// <returns>The publisher, and after how many frames their numbers begin again.</returns>
    public static async Task<(DeafPublisher Publisher, int FrameCount)> StartAsync(string server, string token, string stream)
    {
        var request = new ClipGenerator.VideoRequest(CodecKind.Vp8, 640, 360, FramesPerSecond, 1_000_000, KeyframeInterval) { Numbered = true };
        var video = await ClipGenerator.VideoAsync(request, CancellationToken.None);
        var audio = await ClipGenerator.AudioAsync(CancellationToken.None);
        var publisher = new DeafPublisher(new Uri(server), token, stream, video, audio);
        await publisher._publisher.StartAsync(publisher._opener, publisher._loop, CancellationToken.None);
        return (publisher, video.FrameCount);
    }

    public async ValueTask DisposeAsync()
    {
        await _publisher.LeaveAsync(CancellationToken.None);
        _opener.Dispose();
        await _signalling.DisposeAsync();
        _loop.Dispose();
    }
}
