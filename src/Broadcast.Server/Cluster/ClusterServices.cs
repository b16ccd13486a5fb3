using System.Net;
using Broadcast.Grains.Cluster;
using Broadcast.Grains.Hosting;
using Broadcast.Grains.Viewers;
using Broadcast.MediaNode;
using Broadcast.RelayPlane;
using Broadcast.Server.Options;
using Broadcast.Signalling.Cluster;
using Broadcast.Signalling.Sessions;
using Broadcast.Trees.Cluster;

namespace Broadcast.Server.Cluster;

/// <summary>Puts the node into its cluster; a node that has none runs no silo.</summary>
internal static class ClusterServices
{
    /// <summary>True when there are other nodes, or may be.</summary>
    public static bool IsInCluster(ServerOptions options) => options.Cluster is not ("" or "localhost");

    /// <summary>How this node is called, also where nobody said so.</summary>
    public static string NodeIdOf(ServerOptions options) => options.NodeId.Length > 0 ? options.NodeId : new ClusterOptions().NodeId;

    public static IServiceCollection AddCluster(this IServiceCollection services, ServerOptions options, bool isTraced)
    {
        if (!IsInCluster(options))
        {
            services.AddSingleton<LoneNode>();
            services.AddSingleton(provider => new ResumeTokens("", provider.GetRequiredService<TimeProvider>()));
            services.AddSingleton<IViewerContinuity>(provider => new Viewers(provider.GetRequiredService<ResumeTokens>(), provider.GetRequiredService<MediaPlane>(), cluster: null, provider.GetRequiredService<TimeProvider>()));
            services.AddSingleton<IClusterOperations>(provider => provider.GetRequiredService<LoneNode>());
            services.AddSingleton<IStreamPlacement>(provider => provider.GetRequiredService<LoneNode>());
            return services;
        }

        services.AddSingleton<IRelayPlane>(provider => provider.GetRequiredService<MediaPlane>());
        var cluster = Read(options);
        cluster.IsTraced = isTraced;
        services.AddBroadcastCluster(cluster);
        services.AddSingleton<IStreamPlacement, ClusterPlacement>();
        services.AddSingleton<IClusterOperations, ClusterOperations>();
        services.AddSingleton<IViewerContinuity>(provider => new Viewers(
            provider.GetRequiredService<ClusterNode>().ResumeTokens, provider.GetRequiredService<MediaPlane>(), provider.GetRequiredService<ClusterNode>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<ClusterSessions>().AddSingleton<ClusterMeters>();
        return services;
    }

    /// <summary>The cluster part of the options.</summary>
    /// <exception cref="InvalidDataException">The secret's file cannot be read.</exception>
    internal static ClusterOptions Read(ServerOptions options)
    {
        var cluster = new ClusterOptions
        {
            Store = options.Cluster,
            Region = options.Region,
            Zone = options.Zone,
            Roles = options.Roles.Split(',', StringSplitOptions.TrimEntries).Aggregate(NodeRoles.None, (roles, role) => roles | Enum.Parse<NodeRoles>(role, ignoreCase: true)),
            SiloPort = options.SiloPort,
            PublicUrl = options.PublicUrl,
            Secret = ReadSecret(options.ClusterSecretFile),
            NodeId = NodeIdOf(options),
        };
        if (options.SiloIp.Length > 0) cluster.Address = IPAddress.Parse(options.SiloIp);
        return cluster;
    }

    private static string ReadSecret(string file)
    {
        if (file.Length == 0) return "";
        try
        {
            return File.ReadAllText(file).Trim();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new InvalidDataException($"The cluster secret cannot be read from {file}: {exception.Message} Every node of the cluster needs the same file.");
        }
    }
}
