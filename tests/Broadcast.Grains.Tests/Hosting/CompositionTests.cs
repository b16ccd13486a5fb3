using Broadcast.Grains.Cluster;
using Broadcast.Grains.Hosting;
using Broadcast.Grains.Tests.Cluster;
using Broadcast.RelayPlane;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Broadcast.Grains.Tests.Hosting;

/// <summary>What a program writes to have a control plane.</summary>
public class CompositionTests
{
    [Fact]
    public async Task A_program_with_a_relay_plane_has_a_cluster_while_it_runs()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton<IRelayPlane>(new FakeRelayPlane("a", []));
        builder.Services.AddBroadcastCluster(new ClusterOptions { NodeId = "a" });
        using var program = builder.Build();
        await program.StartAsync();
        var node = program.Services.GetRequiredService<ClusterNode>();
        Assert.IsType<ClaimDecision.Granted>(await node.ClaimAsync("live", "s", replace: false, CancellationToken.None));
        Assert.IsType<JoinDecision.Serve>(await node.JoinAsync("live", redirected: false, CancellationToken.None));
        await program.StopAsync();
        Assert.Equal(SiloState.Stopped, node.Silo.State);

        // Afterwards nothing is here that could throw at those who come late.
        Assert.IsType<JoinDecision.Serve>(await node.JoinAsync("live", redirected: false, CancellationToken.None));
        node.Release("live");
        await node.DisposeAsync();
    }

    [Fact]
    public async Task Wrong_options_stop_the_program_with_a_sentence()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton<IRelayPlane>(new FakeRelayPlane("a", []));
        builder.Services.AddBroadcastCluster(new ClusterOptions { NodeId = "a", Store = "mysql://nowhere" });
        using var program = builder.Build();
        var fault = await Assert.ThrowsAsync<InvalidDataException>(() => program.StartAsync());
        Assert.Contains("--cluster", fault.Message, StringComparison.Ordinal);
    }
}
