using Broadcast.Client.Connections;
using Broadcast.Client.Media;
using Broadcast.Client.Signalling;
using Broadcast.EndToEnd.Tests.Server;
using Broadcast.Rtc;

namespace Broadcast.EndToEnd.Tests.Cascade;

/// <summary>A publisher by the client library: VP8 of 500 kbit/s with a keyframe every two seconds, and a tone.</summary>
internal sealed class Source : IAsyncDisposable
{
    /// <summary>Of the picture, each second, at least.</summary>
    public const int PacketsPerSecond = 30;

    private readonly EventLoop _loop = new("source");
    private readonly WhipWhepSignalling _signalling;
    private readonly SessionOpener _opener;
    private readonly Publisher _publisher;

    private Source(Uri node, string stream, string? token, MediaClip video, MediaClip audio)
    {
        _signalling = new WhipWhepSignalling(node, token, connections: 1);
        _opener = new SessionOpener(new ConnectionOptions { Server = node }, _signalling);
        _publisher = new Publisher(stream, video, audio, Pacing.Burst);
    }

    /// <summary>Begins to publish at a node, and waits until it is connected.</summary>
    public static async Task<Source> StartAsync(ServerNode node, string stream, string? token = null)
    {
        var video = await ClipGenerator.VideoAsync(new(CodecKind.Vp8, 640, 360, 30, 500_000, 60), CancellationToken.None);
        var source = new Source(new Uri(node.Address), stream, token, video, await ClipGenerator.AudioAsync(CancellationToken.None));
        try
        {
            await source._publisher.StartAsync(source._opener, source._loop, CancellationToken.None);
            return source;
        }
        catch
        {
            await source.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        await _publisher.LeaveAsync(limit.Token);
        _loop.Dispose();
        _opener.Dispose();
        await _signalling.DisposeAsync();
    }
}
