using Broadcast.Grains.Hosting;
using Broadcast.Grains.Placement;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Hosting;
using Orleans.Runtime;

namespace Broadcast.Grains.Tests.Hosting;

internal static class TestSilos
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static SiloHost Create(string node, string store = "", string cluster = "test", string secret = "", TimeSpan? startTimeout = null) => new(
        new ClusterOptions { NodeId = node, Store = store, ClusterId = cluster, Secret = secret, StartTimeout = startTimeout ?? Patience },
        silo => silo.AddPlacementDirector<NodePlacement, NodePlacementDirector>(),
        NullLoggerFactory.Instance);

    /// <summary>Completes when the host runs again after it did not.</summary>
    public static Task NextRunning(SiloHost host)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        host.StateChanged += state =>
        {
            if (state is SiloState.Running) done.TrySetResult();
        };
        return done.Task.WaitAsync(Patience);
    }

    public static IEnumerable<string> ActiveMembers(SiloHost host) =>
        Membership(host).CurrentSnapshot.Members.Values.Where(member => member.Status is SiloStatus.Active).Select(member => member.Name);

    public static async Task WaitForMembersAsync(SiloHost host, params string[] names)
    {
        using var patience = new CancellationTokenSource(Patience);
        await foreach (var _ in Membership(host).MembershipUpdates.WithCancellation(patience.Token))
        {
            if (ActiveMembers(host).Order(StringComparer.Ordinal).SequenceEqual(names)) return;
        }
    }

    private static IClusterMembershipService Membership(SiloHost host) => host.Services!.GetRequiredService<IClusterMembershipService>();
}

/// <summary>Says on which node it is.</summary>
public interface IWhereGrain : IGrainWithStringKey
{
    Task<string> Where();
}

[NodePlacement]
internal sealed class WhereGrain(ILocalSiloDetails silo) : Grain, IWhereGrain
{
    public Task<string> Where() => Task.FromResult(silo.Name);
}
