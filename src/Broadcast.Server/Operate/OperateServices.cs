using Broadcast.Signalling.Operate;
using Broadcast.Signalling.Operate.Figures;

namespace Broadcast.Server.Operate;

/// <summary>What operators' pages are made of.</summary>
internal static class OperateServices
{
    /// <summary>Before the cluster is joined: other nodes may ask at once.</summary>
    public static IServiceCollection AddOperateFigures(this IServiceCollection services) => services
        .AddSingleton<EventLog>().AddSingleton<FigureHistory>().AddSingleton<NodeDesk>()
        .AddSingleton<ClusterFigures>()
        .AddSingleton<IClusterFigures>(provider => provider.GetRequiredService<ClusterFigures>())
        .AddHostedService<NodeWatch>();
}
