using Broadcast.Client.Connections;
using Broadcast.Client.Media;
using Broadcast.Client.Signalling;
using Broadcast.Rtc;
using Broadcast.Server.Options;
using Broadcast.Signalling.Auth;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Hosting;

namespace Broadcast.Server.Demo;

/// <summary>Publishes a moving test picture with a running clock and a tone as the stream "demo" while the node runs.</summary>
/// <remarks>
/// An ordinary WHIP publisher over loopback, nothing special to the node: what a viewer of the demo sees has gone the whole way.
/// FFmpeg makes ten seconds of media once; they are played in a loop, from a keyframe whenever one is asked for.
/// </remarks>
internal sealed partial class DemoPublisher(
    IServer server, IHostApplicationLifetime lifetime, ServerOptions options, TokenIssuer tokens, ILogger<DemoPublisher> log) : BackgroundService
{
    /// <summary>The demo's stream.</summary>
    public const string StreamId = "demo";

    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(3);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            var request = new ClipGenerator.VideoRequest(CodecKind.Vp8, 1280, 720, 30, 1_500_000, 60) { LargeClock = true };
            var video = await ClipGenerator.VideoAsync(request, stoppingToken);
            var audio = await ClipGenerator.AudioAsync(stoppingToken);
            await UntilStartedAsync(stoppingToken);
            while (!stoppingToken.IsCancellationRequested)
            {
                await PublishAsync(video, audio, stoppingToken);
                await Task.Delay(RetryInterval, stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The node stops.
        }
        catch (InvalidOperationException failure)
        {
            NoMedia(log, failure.Message);
        }
    }

    /// <summary>Publishes until the session ends: somebody may replace it by publishing "demo" too.</summary>
    private async Task PublishAsync(MediaClip video, MediaClip audio, CancellationToken cancellation)
    {
        using var loop = new EventLoop("demo");
        var address = Address();
        var token = tokens.Issue(TokenScope.Publish, StreamId, TimeSpan.FromDays(1)).Token.Reveal();
        await using var signalling = new WhipWhepSignalling(address, token, connections: 1);
        using var opener = new SessionOpener(new ConnectionOptions { Server = address }, signalling);
        var publisher = new Publisher(StreamId, video, audio, Pacing.Burst);
        try
        {
            await publisher.StartAsync(opener, loop, cancellation);
            Started(log, options.HttpPort);
            await publisher.Ended.WaitAsync(cancellation);
        }
        catch (Exception failure) when (failure is SignallingException or HttpRequestException)
        {
            Failed(log, failure.Message);
        }
        finally
        {
            await publisher.LeaveAsync(CancellationToken.None);
        }
    }

    private async Task UntilStartedAsync(CancellationToken cancellation)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = lifetime.ApplicationStarted.Register(() => started.TrySetResult());
        await started.Task.WaitAsync(cancellation);
    }

    /// <summary>Plain HTTP on loopback, which every node listens on.</summary>
    private Uri Address()
    {
        var addresses = server.Features.Get<IServerAddressesFeature>()!.Addresses;
        var http = addresses.Select(address => new Uri(address.Replace("[::]", "127.0.0.1", StringComparison.Ordinal).Replace("*", "127.0.0.1", StringComparison.Ordinal)))
            .First(address => address.Scheme == Uri.UriSchemeHttp);
        return new Uri($"http://127.0.0.1:{http.Port}");
    }

    [LoggerMessage(120, LogLevel.Information, "The demo is live: http://localhost:{Port}/watch/demo")]
    private static partial void Started(ILogger logger, int port);

    [LoggerMessage(121, LogLevel.Warning, "The demo could not be published, trying again: {Reason}")]
    private static partial void Failed(ILogger logger, string reason);

    [LoggerMessage(122, LogLevel.Error, "The demo has no media: {Reason}")]
    private static partial void NoMedia(ILogger logger, string reason);
}
