using Xunit.Abstractions;

namespace Broadcast.LoadTest.Tests.Run;

/// <summary>Publishers and viewers of a node with two real workers come and go, and nothing of them stays.</summary>
public sealed class ComingAndGoingTests(ITestOutputHelper output)
{
    /// <summary>Hasty people leave in every state: unanswered, unconnected, in the middle of a handshake, before the first picture.</summary>
    [Fact]
    public async Task Two_workers_release_everything_of_people_who_leave_at_any_time()
    {
        await using var crowd = new Crowd(streams: 4);
        await crowd.RunAsync(TimeSpan.FromSeconds(10), viewers: 16, TimeSpan.FromMilliseconds(500), patient: false, replacing: true, seed: 1);
        Check(crowd);
        Assert.True(crowd.Joined > 100, $"only {crowd.Joined} visits");
    }

    /// <summary>Growth over thousands of sessions: 60 KB of a handshake that is not freed would be hundreds of megabytes.</summary>
    [Fact]
    [Trait("Category", "Long")]
    public async Task Soak_loses_no_packet_keeps_no_session_and_does_not_grow()
    {
        await using var crowd = new Crowd(streams: 3);
        await crowd.RunAsync(TimeSpan.FromSeconds(45), viewers: 36, TimeSpan.FromSeconds(3), patient: true, replacing: true, seed: 2);
        // A frame that is cut by a change of publishers leaves one number unused toward each viewer, who misses it.
        Assert.True(crowd.Replaced > 5, $"only {crowd.Replaced} publishers replaced");
        Assert.True(crowd.Direct.Lost <= crowd.Replaced * 18, $"{crowd.Direct.Lost} packets lost by {crowd.Replaced} changes of publishers");
        var (directLost, lossyLost, lossyPackets) = (crowd.Direct.Lost, crowd.Lossy.Lost, crowd.Lossy.MediaPackets);
        var (managed, resident, joined) = (GC.GetTotalMemory(forceFullCollection: true), Environment.WorkingSet, crowd.Joined);

        await crowd.RunAsync(TimeSpan.FromMinutes(3), viewers: 36, TimeSpan.FromSeconds(3), patient: true, replacing: false, seed: 3);
        var growth = GC.GetTotalMemory(forceFullCollection: true) - managed;
        var residentGrowth = Environment.WorkingSet - resident;
        output.WriteLine($"{crowd.Joined - joined} visits, growth {growth / 1024} KB managed, {residentGrowth / 1024} KB resident");
        Check(crowd);
        Assert.Empty(crowd.Failures);
        Assert.True(crowd.Joined - joined > 500, $"only {crowd.Joined - joined} visits");
        Assert.True(growth < 16 << 20, $"{growth} bytes more of managed memory");
        Assert.True(residentGrowth < 96 << 20, $"{residentGrowth} bytes more of resident memory");

        Assert.Equal(directLost, crowd.Direct.Lost);
        Assert.True(crowd.Lossy.Repaired > 1000, $"{crowd.Lossy.Repaired} packets repaired");
        var (neverRepaired, received) = (crowd.Lossy.Lost - lossyLost, crowd.Lossy.MediaPackets - lossyPackets);
        Assert.True(neverRepaired * 10_000 <= received, $"{neverRepaired} of {received} packets were never repaired");
    }

    private void Check(Crowd crowd)
    {
        output.WriteLine($"{crowd.Joined} visits; sessions ended: {string.Join(", ", crowd.EndReasons.Select(each => $"{each.Value} × {each.Key}"))}");
        foreach (var (name, counters) in new[] { ("direct", crowd.Direct), ("behind loss", crowd.Lossy) })
        {
            output.WriteLine($"{name}: {counters.MediaPackets} packets, {counters.Repaired} repaired, {counters.Lost} lost, {counters.Duplicates} twice");
            Assert.True(counters.MediaPackets > 1000, $"{name}: {counters.MediaPackets} packets");
        }

        // A socket that got a port used moments ago may be handed its former owner's packets, more of them where the proxy delivers late. Keys or
        // counters that were wrong would fail packet after packet.
        Assert.True(crowd.Direct.AuthenticationFailures * 2000 <= crowd.Joined, $"{crowd.Direct.AuthenticationFailures} packets did not verify without a proxy");
        Assert.True(crowd.Lossy.AuthenticationFailures * 500 <= crowd.Joined, $"{crowd.Lossy.AuthenticationFailures} packets did not verify");

        Assert.Empty(crowd.LoopFailures);
        Assert.DoesNotContain(crowd.EndReasons.Keys, reason => reason.StartsWith("DTLS failed", StringComparison.Ordinal));
        Assert.All(crowd.Workers, worker =>
        {
            Assert.True(worker.Counters.ReceivedDatagrams > 0);
            Assert.Equal((0, 0), (worker.Counters.DroppedFailed, worker.Counters.ReceiveErrors));
        });
    }
}
