using Xunit.Abstractions;

namespace Broadcast.EndToEnd.Tests.Cascade;

/// <summary>A node that records is killed; another one has recorded beside it.</summary>
public sealed class RecorderCrashTests(Rig rig, ITestOutputHelper output) : CascadeTest(rig, output)
{
    /// <summary>What a recording may lack by the death of its recorder, in seconds.</summary>
    private const double LongestGap = 1;

    /// <summary>Later ones do not have the beginning.</summary>
    private static readonly TimeSpan Beginning = TimeSpan.FromSeconds(5);

    /// <summary>Long enough to be a gap: a publisher of the test's own would be back after less than a tenth of a second.</summary>
    private static readonly TimeSpan PublisherAway = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, Recordings> _recordings = [];

    [Fact]
    public async Task Recording_of_a_recorder_that_is_killed_is_whole_at_its_standby_and_listed_once()
    {
        await StartAsync(new NodePlan("source", "--roles", "ingest,relay,edge"), new NodePlan("left"), new NodePlan("right"));
        await PublishAsync("source");
        var source = At("source");

        // A node that does not record finds one that does; asked again it says the same.
        var first = await source.StartAsync(Stream);
        Assert.Equal(first, await source.StartAsync(Stream));
        var recorder = (await source.StatusAsync(Stream)).Node!;
        var standby = recorder == "left" ? "right" : "left";
        var begun = Assert.Single(await At(recorder).UntilListAsync(list => list is [{ Duration: > 2 }], Patience));
        await UntilLogAsync(standby, "begun beside");
        await At(recorder).UntilListAsync(list => list is [{ } one] && one.Duration > begun.Duration + 5, Patience);
        Assert.Empty(await At(standby).ListAsync());

        await Cluster[recorder].CrashAsync();
        var listed = Assert.Single(await At(standby).UntilListAsync(list => list is [{ Duration: > 15 }], Patience));
        Assert.Equal(first, listed.Continues);
        await source.UntilStatusAsync(Stream, status => status.Id == listed.Id && status.Node == standby, Patience);
        Assert.Equal(listed.Id, await source.StopAsync(Stream));
        await At(standby).UntilListAsync(list => list is [{ State: "ready" }], Patience);
        await AssertWholeAsync(standby, listed.Id);
        Assert.DoesNotContain(await At(standby).GapsAsync(listed.Id), gap => gap.Duration > LongestGap);

        // Its node comes back with a part of the same: nobody needs it, if the other has its beginning too.
        await Cluster[recorder].ReviveAsync();
        var isWhole = listed.StartedAt - begun.StartedAt <= Beginning;
        Output.WriteLine($"The standby began {listed.StartedAt - begun.StartedAt} later.");
        await UntilLogAsync(recorder, "was repaired");
        await At(recorder).UntilListAsync(list => isWhole ? list.Count == 0 : list is [{ State: "ready" }], Patience);
        Assert.Equal(listed.Id, Assert.Single(await At(standby).ListAsync()).Id);
    }

    [Fact]
    [Trait("Category", "Long")]
    public async Task Recording_that_comes_to_its_end_leaves_nothing_at_its_standby()
    {
        await StartAsync(new NodePlan("source"), new NodePlan("beside"));
        await PublishAsync("source");
        var first = await At("beside").StartAsync(Stream);
        Assert.Equal("source", (await At("beside").StatusAsync(Stream)).Node);
        await UntilLogAsync("beside", "begun beside");
        await At("source").UntilListAsync(list => list is [{ Duration: > 4 }], Patience);

        Assert.Equal(first, await At("beside").StopAsync(Stream));
        await At("source").UntilListAsync(list => list is [{ State: "ready" }], Patience);
        await Recordings.UntilAsync(() => Task.FromResult(Directory.GetDirectories(Path.Combine(Cluster["beside"].Folder, "recordings", "spool")).Length == 0), Patience, () => "something is left in the spool");
        Assert.Empty(await At("beside").ListAsync());
        await AssertWholeAsync("source", first);
    }

    [Fact]
    [Trait("Category", "Long")]
    public async Task Recording_at_the_publishers_node_goes_on_elsewhere_when_that_is_killed_and_the_publisher_comes_back()
    {
        await StartAsync(new NodePlan("first", "--record", "always"), new NodePlan("second", "--record", "always"), new NodePlan("third", "--record", "always"));
        await PublishAsync("first");
        var begun = await At("second").UntilStatusAsync(Stream, status => status.Active, Patience);
        Assert.Equal("first", begun.Node);
        await Recordings.UntilAsync(() => Task.FromResult(new[] { "second", "third" }.Any(name => Has(name, "begun beside"))), Patience, () => "nobody stands by");
        var standby = Has("second", "begun beside") ? "second" : "third";
        await At("first").UntilListAsync(list => list is [{ Duration: > 5 }], Patience);

        await Cluster["first"].CrashAsync();
        await Task.Delay(PublisherAway);
        await PublishAsync("second");
        var listed = Assert.Single(await At(standby).UntilListAsync(list => list is [{ Duration: > 15 }], Patience));
        Assert.Equal(begun.Id, listed.Continues);
        await At("second").UntilStatusAsync(Stream, status => status.Id == listed.Id, Patience);
        Assert.Empty(await At(standby == "second" ? "third" : "second").ListAsync());
        Assert.Equal(listed.Id, await At("second").StopAsync(Stream));
        await At(standby).UntilListAsync(list => list is [{ State: "ready" }], Patience);
        var gaps = await At(standby).GapsAsync(listed.Id);
        Output.WriteLine(string.Join(", ", gaps));
        Assert.Contains(gaps, gap => gap.Reason == "publisherAway");
    }

    private Recordings At(string node)
    {
        if (!_recordings.TryGetValue(node, out var recordings)) _recordings[node] = recordings = Keep(new Recordings(Cluster[node]));
        return recordings;
    }

    private bool Has(string node, string text) => Cluster[node].Log.Contains(text, StringComparison.Ordinal);

    private Task UntilLogAsync(string node, string text) => Recordings.UntilAsync(() => Task.FromResult(Has(node, text)), Patience, () => $"{node} has not said \"{text}\"");

    private async Task AssertWholeAsync(string node, string id)
    {
        var file = await At(node).DownloadAsync(id);
        try
        {
            var (pictures, pictureGap) = await Recordings.LookAsync(file, "v");
            var (sounds, soundGap) = await Recordings.LookAsync(file, "a");
            Output.WriteLine($"{pictures} pictures, at most {pictureGap:F3} s apart; {sounds} packets of sound, at most {soundGap:F3} s apart");
            Assert.InRange(pictures, 50, int.MaxValue);
            Assert.InRange(sounds, 50, int.MaxValue);
            Assert.InRange(pictureGap, 0, LongestGap);
            Assert.InRange(soundGap, 0, LongestGap);
            Assert.Empty(await Recordings.DecodeAsync(file));
        }
        finally
        {
            File.Delete(file);
        }
    }
}
