using System.Net;
using Broadcast.Media.Receive;
using Broadcast.Media.Sessions;
using Broadcast.MediaNode;
using Broadcast.Server.Cluster;
using Broadcast.Server.Metrics;
using Broadcast.Server.Options;
using Broadcast.Signalling.Limits;
using Microsoft.Extensions.Hosting;

namespace Broadcast.Server.Hosting;

/// <summary>The one place where the node gets its media plane.</summary>
internal static class MediaPlaneServices
{
    public static IServiceCollection AddMediaPlane(this IServiceCollection services, ServerOptions options, QualityOptions quality)
    {
        var node = new MediaNodeOptions
        {
            Port = options.MediaPort,
            NodeId = ClusterServices.NodeIdOf(options),
            Relays = ClusterServices.IsInCluster(options),
            Workers = options.Workers,
            MaxSessions = options.MaxSessions,
            MaxChildren = options.MaxChildren,
            SegmentationOffload = !options.NoOffload,
            UplinkBitsPerSecond = options.Uplink,
            Ingest = IngestPolicy.Default with { LimitBitsPerSecond = options.MaxIngest },
        };
        foreach (var (stream, limits) in quality.Streams) node.StreamLimits.Add(stream, limits);
        foreach (var address in options.HostIp) node.HostAddresses.Add(IPAddress.Parse(address));
        foreach (var address in options.PublicIp) node.PublicAddresses.Add(IPAddress.Parse(address));
        return services
            .AddSingleton(_ => new MediaPlane(node, TimeProvider.System))
            .AddSingleton<IMediaPlane>(provider => provider.GetRequiredService<MediaPlane>())
            .AddSingleton<INodeLoad, MeasuredLoad>()
            .AddSingleton<MediaNodeMeters>()
            .AddHostedService<MediaPlaneService>();
    }

    /// <summary>Runs the media plane as long as the host: it starts before and stops after HTTP.</summary>
    private sealed class MediaPlaneService(MediaPlane plane, MeterBridge bridge, MediaNodeMeters meters) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            // The bridge must listen before the meters publish; asking for both here does it.
            (_, _) = (bridge, meters);
            plane.Start();
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken)
        {
            plane.Stop(EndReasons.NodeStops);
            return Task.CompletedTask;
        }
    }
}
