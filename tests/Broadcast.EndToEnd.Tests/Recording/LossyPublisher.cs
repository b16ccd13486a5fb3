using Broadcast.Client.Connections;
using Broadcast.Client.Media;
using Broadcast.Client.Signalling;
using Broadcast.EndToEnd.Tests.Network;
using Broadcast.EndToEnd.Tests.Server;
using Broadcast.Rtc;

namespace Broadcast.EndToEnd.Tests.Recording;

/// <summary>Publishes numbered pictures over a network that loses packets, and sends again what it is asked for.</summary>
/// <remarks>It makes its keyframes when it would anyway, so that the numbers of its pictures follow each other.</remarks>
internal sealed class LossyPublisher : IAsyncDisposable
{
    public const int FramesPerSecond = 30;

    /// <summary>Frames from keyframe to keyframe.</summary>
    public const int KeyframeInterval = 2 * FramesPerSecond;

    private readonly EventLoop _loop = new("lossy publisher");
    private readonly ImpairedSignalling _signalling;
    private readonly SessionOpener _opener;
    private readonly Publisher _publisher;

    private LossyPublisher(Uri node, ImpairedSignalling signalling, string stream, MediaClip video, MediaClip audio)
    {
        _signalling = signalling;
        _opener = new SessionOpener(new ConnectionOptions { Server = node }, signalling);
        _publisher = new Publisher(stream, video, audio, Pacing.Burst) { AnswersKeyframeRequests = false };
    }

    /// <summary>Begins to publish. The pictures, whose numbers begin again after so many seconds, are encoded by FFmpeg the first time.</summary>
    /// <param name="node">Where; it must not ask for a token.</param>
    /// <param name="stream">As what.</param>
    /// <param name="seconds">A multiple of two.</param>
    /// <param name="loss">Share of datagrams lost in each direction, 0 to 1.</param>
    /// <param name="roundTrip">Half of it in each direction.</param>
    public static async Task<LossyPublisher> StartAsync(ServerNode node, string stream, int seconds, double loss, TimeSpan roundTrip)
    {
        var request = new ClipGenerator.VideoRequest(CodecKind.Vp8, 320, 180, FramesPerSecond, 1_000_000, KeyframeInterval) { Numbered = true, Seconds = seconds };
        var video = await ClipGenerator.VideoAsync(request, CancellationToken.None);
        var audio = await ClipGenerator.AudioAsync(CancellationToken.None);
        var address = new Uri(node.Address);
        var signalling = new ImpairedSignalling(new WhipWhepSignalling(address, token: null, connections: 1), loss, roundTrip / 2, seed: seconds);
        var publisher = new LossyPublisher(address, signalling, stream, video, audio);
        try
        {
            await publisher._publisher.StartAsync(publisher._opener, publisher._loop, CancellationToken.None);
            return publisher;
        }
        catch
        {
            await publisher.DisposeAsync();
            throw;
        }
    }

    /// <summary>What became of its datagrams.</summary>
    public override string ToString() => _signalling.ToString();

    public async ValueTask DisposeAsync()
    {
        await _publisher.LeaveAsync(CancellationToken.None);
        _opener.Dispose();
        await _signalling.DisposeAsync();
        _loop.Dispose();
    }
}
