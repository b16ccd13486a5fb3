using Broadcast.Grains.Cluster;
using Broadcast.Media.Sessions;
using Broadcast.MediaNode;
using Broadcast.Recording;
using Broadcast.Recording.Policy;
using Broadcast.Server.Cluster;
using Broadcast.Server.Metrics;
using Broadcast.Server.Options;
using Broadcast.Signalling.Http;
using Broadcast.Vod.Recordings;
using Microsoft.Extensions.Hosting;

namespace Broadcast.Server.Hosting;

/// <summary>The one place where the node gets its recorder.</summary>
internal static class RecorderServices
{
    /// <summary>How long recordings may take to become whole at the node's end.</summary>
    private static readonly TimeSpan Closing = TimeSpan.FromSeconds(4);

    /// <summary>After the recordings: they know where the spool is, and read it first. A node without the role has none.</summary>
    public static IServiceCollection AddRecorder(this IServiceCollection services, ServerOptions options, IConfiguration configuration)
    {
        var recording = configuration.GetSection("Recording").Get<RecordingOptions>() ?? new RecordingOptions();
        OptionsCheck.Validate(recording, "Broadcast:Recording");
        if (ClusterServices.IsInCluster(options)) services.AddClusterRecorder(recording);
        if (!options.Roles.Split(',', StringSplitOptions.TrimEntries).Contains("recorder")) return services;
        if (!ClusterServices.IsInCluster(options)) services.AddSingleton<IRecorder>(provider => provider.GetRequiredService<Recorder>());
        return services
            .AddSingleton(provider => new Recorder(
                recording,
                provider.GetRequiredService<MediaPlane>().LiveStreams,
                provider.GetRequiredService<RecordingSpool>(),
                provider.GetRequiredService<IRecordingLedger>(),
                ClusterServices.NodeIdOf(options),
                MonotonicClock.Now,
                TimeProvider.System,
                provider.GetRequiredService<ILogger<Recorder>>()))
            .AddSingleton<RecordingMeters>()
            .AddHostedService<RecorderService>();
    }

    private static void AddClusterRecorder(this IServiceCollection services, RecordingOptions recording) => services
        .AddSingleton(provider => new ClusterRecorder(
            provider.GetRequiredService<ClusterNode>(),
            provider.GetService<Recorder>(),
            recording,
            provider.GetRequiredService<IStandbyRecordings>(),
            provider.GetRequiredService<MediaPlane>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<ClusterRecorder>>()))
        .AddSingleton<IRecorder>(provider => provider.GetRequiredService<ClusterRecorder>())
        .AddHostedService(provider => provider.GetRequiredService<ClusterRecorder>());

    /// <summary>Runs the recorder as long as the host: it stops before the media plane, so that what is recorded ends whole.</summary>
    private sealed class RecorderService(Recorder recorder, IMediaPlane media, MeterBridge bridge, RecordingMeters meters, ServerOptions options) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            // The bridge must listen before the meters publish; asking for both here does it.
            (_, _) = (bridge, meters);
            // In a cluster the stream's grain is asked first: another node may record it already.
            if (!ClusterServices.IsInCluster(options)) media.StreamChanged += recorder.OnStreamChanged;
            return Task.CompletedTask;
        }

        public async Task StopAsync(CancellationToken cancellationToken)
        {
            media.StreamChanged -= recorder.OnStreamChanged;
            await recorder.StopAllAsync(Closing);
        }
    }
}
