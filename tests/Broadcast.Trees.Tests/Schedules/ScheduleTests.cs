namespace Broadcast.Trees.Tests.Schedules;

/// <summary>The planner and both halves of the control in virtual time, under everything that may go wrong.</summary>
/// <remarks>A failing seed is printed with its course and with plan and reality at the end; add it to <see cref="Seeds"/>.</remarks>
public class ScheduleTests
{
    /// <summary>Seeds that have broken a rule before.</summary>
    public static TheoryData<int> Seeds() => [14, 20, 22, 23, 40, 64, 74, 105, 122, 145, 163, 189, 328, 427, 472, 500, 614, 1371, 2745, 3241, 3821, 4482, 4929, 5903, 10221];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_schedule_that_broke_a_rule_once_keeps_it(int seed) => Assert.Null(Schedule.Run(seed));

    [Fact]
    public void A_thousand_random_schedules_keep_the_rules() => RunAll(0, 1000);

    [Fact]
    [Trait("Category", "Long")]
    public void Ten_thousand_random_schedules_keep_the_rules() => RunAll(1000, 10_000);

    [Fact]
    public void A_seed_has_one_course()
    {
        List<double> one = [], other = [];
        Assert.Null(Schedule.Run(3, one));
        Assert.Null(Schedule.Run(3, other));
        Assert.NotEmpty(one);
        Assert.Equal(one, other);
    }

    private static void RunAll(int first, int count)
    {
        var failures = new List<string>();
        Parallel.For(first, first + count, seed =>
        {
            if (Schedule.Run(seed) is not { } broken) return;
            lock (failures) failures.Add(broken);
        });
        Assert.True(failures.Count == 0, $"{failures.Count} of {count}:\n" + string.Join("\n\n", failures.Order(StringComparer.Ordinal).Take(8)));
    }
}
