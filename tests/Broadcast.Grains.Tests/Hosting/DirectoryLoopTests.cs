using System.Reflection;

namespace Broadcast.Grains.Tests.Hosting;

/// <summary>What the end of a failed silo takes from Orleans' inside, which a new version may have changed.</summary>
public sealed class DirectoryLoopTests
{
    [Fact]
    public void Loop_of_the_local_directory_can_be_ended_by_its_own_source()
    {
        var directory = Type.GetType("Orleans.Runtime.GrainDirectory.LocalGrainDirectory, Orleans.Runtime");
        var source = directory?.GetField("_membershipUpdatesCancellation", BindingFlags.Instance | BindingFlags.NonPublic);
        Assert.True(source?.FieldType == typeof(CancellationTokenSource), "SiloHost.EndDirectory needs another way, or none: a disposed silo must not take a core.");
    }
}
