using Broadcast.Grains.Cluster;
using Broadcast.Grains.Nodes;
using Broadcast.Grains.Placement;
using Broadcast.Grains.Relays;
using Broadcast.Grains.Storage;
using Broadcast.Grains.Viewers;
using Broadcast.RelayPlane;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Hosting;
using Orleans.Runtime;

namespace Broadcast.Grains.Hosting;

/// <summary>Puts the control plane into a program.</summary>
public static class BroadcastClusterExtensions
{
    /// <summary>
    /// Adds the node's part in its cluster: <see cref="ClusterNode"/>, started and stopped with the program. The program adds an
    /// <see cref="IRelayPlane"/>, and may add an <see cref="IUsageSink"/>.
    /// </summary>
    /// <param name="services">The program's services.</param>
    /// <param name="options">Checked when the program starts.</param>
    public static IServiceCollection AddBroadcastCluster(this IServiceCollection services, ClusterOptions options)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<IUsageSink, NoUsageSink>();
        services.AddSingleton(provider => new ClusterNode(
            options,
            provider.GetRequiredService<IRelayPlane>(),
            provider.GetRequiredService<IUsageSink>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILoggerFactory>()));
        services.AddHostedService<ClusterService>();
        return services;
    }

    /// <summary>What a silo needs for the grains of this assembly.</summary>
    internal static ISiloBuilder AddBroadcastGrains(this ISiloBuilder silo, IRelayNode node, IStreamStore store, KnownNodes known, IUsageSink usage, TimeProvider time)
    {
        silo.AddPlacementDirector<NodePlacement, NodePlacementDirector>();
        silo.Services.AddSingleton(node);
        silo.Services.AddSingleton(store);
        silo.Services.AddSingleton(known);
        silo.Services.AddSingleton(usage);
        silo.Services.TryAddSingleton(time);
        silo.Services.AddSingleton<ClusterView>();
        silo.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(services => services.GetRequiredService<ClusterView>());
        return silo;
    }

    private sealed class ClusterService(ClusterNode node) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => node.StartAsync(cancellationToken);

        public Task StopAsync(CancellationToken cancellationToken) => node.StopAsync(cancellationToken);
    }
}
