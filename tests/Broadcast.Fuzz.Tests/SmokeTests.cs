using Xunit.Abstractions;

namespace Broadcast.Fuzz.Tests;

/// <summary>Every target on mutations of its corpus.</summary>
public class SmokeTests(ITestOutputHelper output)
{
    private static readonly int[] RememberedSeeds = [2, 3];

    public static TheoryData<string> Targets() => [.. FuzzTargets.Names];

    [Theory]
    [MemberData(nameof(Targets))]
    public void Corpus_is_accepted(string name)
    {
        var target = FuzzTargets.Create(name)!;
        Assert.NotEmpty(target.Corpus);
        for (var i = 0; i < target.Corpus.Count; i++) Assert.True(target.Run(target.Corpus[i]), $"input {i} of {name} is refused: {Convert.ToHexString(target.Corpus[i])}");
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public Task Mutations_are_read_or_refused(string name) => SmokeAsync(name, 10_000, seed: 1, TimeSpan.FromMinutes(2));

    /// <summary>Seeds that are the same in every run, so that a finding stays one until it is mended.</summary>
    [Theory]
    [Trait("Category", "Long")]
    [MemberData(nameof(Targets))]
    public async Task Many_mutations_are_read_or_refused(string name)
    {
        foreach (var seed in RememberedSeeds) await SmokeAsync(name, 50_000, seed, TimeSpan.FromMinutes(10));
    }

    /// <summary>A seed nobody has tried; a failure prints it.</summary>
    [Theory]
    [Trait("Category", "Long")]
    [MemberData(nameof(Targets))]
    public Task Mutations_of_a_new_seed_are_read_or_refused(string name)
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        return SmokeAsync(name, 50_000, seed, TimeSpan.FromMinutes(10));
    }

    /// <summary>The limit is for a parser that hangs; the work takes seconds.</summary>
    private static async Task SmokeAsync(string name, int iterations, int seed, TimeSpan limit)
    {
        var outcome = await Task.Run(() => SmokeRun.Go(FuzzTargets.Create(name)!, iterations, seed)).WaitAsync(limit);
        Assert.True(outcome.Refused > 0, $"no mutation of {name} was refused: the target looks at nothing");
        Assert.True(outcome.Accepted > 0, $"no input of {name} was accepted: the target reaches nothing");
    }
}
