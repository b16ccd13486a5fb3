using Orleans.Configuration;
using Orleans.Hosting;

namespace Broadcast.Grains.Hosting;

/// <summary>How soon a silo is declared dead.</summary>
/// <remarks>
/// Measured with these: 1.2 to 1.5 s after <c>kill -9</c>, 6 s after a hang, which lasts about MaxProbeTimeout × NumMissedProbesLimit;
/// the defaults took 11 s and 63 s. A pause of 3 s, as a busy machine has it, is survived. Media does not wait for any of this.
/// </remarks>
internal static class MembershipTimings
{
    public static void Apply(ISiloBuilder silo) => silo.Configure<ClusterMembershipOptions>(options =>
    {
        options.ProbeTimeout = TimeSpan.FromSeconds(1);
        options.MinProbeTimeout = TimeSpan.FromSeconds(0.5);
        options.MaxProbeTimeout = TimeSpan.FromSeconds(2);
        options.NumMissedProbesLimit = 3;
        options.NumVotesForDeathDeclaration = 2;
        // Also how long a silo that was cut off goes on without learning that it was declared dead.
        options.TableRefreshTimeout = TimeSpan.FromSeconds(5);
        options.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(5);
    });
}
