using Broadcast.Media.Layers;
using Broadcast.Rtc;

namespace Broadcast.Media.Tests.Layers;

/// <summary>The budget of keyframe requests.</summary>
public class KeyframeBudgetTests
{
    private static readonly MonotonicTime Start = MonotonicTime.FromMilliseconds(5_000);

    private static MonotonicTime At(double seconds) => Start + TimeSpan.FromSeconds(seconds);

    /// <summary>Lets somebody want a keyframe all the time, and notes when one is asked for.</summary>
    private static List<double> AskFor(KeyframeBudget budget, double from, double to)
    {
        var asked = new List<double>();
        for (var time = (int)Math.Round(from * 100); time < to * 100; time++)
        {
            budget.Want();
            if (budget.ShouldSend(At(time / 100.0))) asked.Add(time / 100.0);
        }

        return asked;
    }

    [Fact]
    public void Nobody_wants_nothing_is_asked()
    {
        var budget = new KeyframeBudget();
        Assert.False(budget.ShouldSend(At(0)));
        Assert.Equal(MonotonicTime.Never, budget.NextDeadline(At(0)));
    }

    [Fact]
    public void First_wish_is_asked_at_once_and_later_ones_join_it()
    {
        var budget = new KeyframeBudget();
        Assert.True(budget.Want());
        Assert.False(budget.Want());
        Assert.False(budget.Want());
        Assert.Equal(At(0), budget.NextDeadline(At(0)));
        Assert.True(budget.ShouldSend(At(0)));
        Assert.False(budget.ShouldSend(At(0.5)));
        Assert.Equal(At(1), budget.NextDeadline(At(0.5)));
        budget.OnKeyframe(At(0.6));
        Assert.False(budget.ShouldSend(At(5)));
        Assert.Equal((1, 1, 2), (budget.Asked, budget.Answered, budget.Coalesced));
    }

    [Fact]
    public void Source_that_answers_is_asked_once_a_second_at_most()
    {
        var budget = new KeyframeBudget();
        var asked = new List<double>();
        for (var time = 0.0; time < 10; time += 0.01)
        {
            budget.Want();
            if (!budget.ShouldSend(At(time))) continue;
            asked.Add(time);
            budget.OnKeyframe(At(time + 0.05));
        }

        Assert.Equal(10, asked.Count);
        Assert.False(budget.SourceIgnoresRequests);
        Assert.Equal((10, 10), (budget.Asked, budget.Answered));
    }

    [Fact]
    public void Source_that_does_not_answer_is_asked_after_one_and_two_more_seconds_and_then_left_alone()
    {
        var budget = new KeyframeBudget();
        Assert.Equal([0, 1, 3], AskFor(budget, 0, 20));
        Assert.True(budget.SourceIgnoresRequests);
        Assert.True(budget.Refused > 0);
        Assert.Equal([33.0], AskFor(budget, 20, 50));
    }

    [Fact]
    public void Its_own_keyframe_serves_all_but_does_not_make_it_obedient()
    {
        var budget = new KeyframeBudget();
        AskFor(budget, 0, 10);
        budget.OnKeyframe(At(10));
        Assert.True(budget.SourceIgnoresRequests);
        Assert.Empty(AskFor(budget, 10, 30));
    }

    [Fact]
    public void Prompt_answer_to_the_rare_request_makes_it_obedient_again()
    {
        var budget = new KeyframeBudget();
        AskFor(budget, 0, 10);
        Assert.Equal([33.0], AskFor(budget, 10, 33.01));
        budget.OnKeyframe(At(33.3));
        Assert.False(budget.SourceIgnoresRequests);
        Assert.Equal([34.0], AskFor(budget, 33.3, 34.5));
    }

    [Fact]
    public void Unanswered_requests_are_counted_only_in_a_row()
    {
        var budget = new KeyframeBudget();
        for (var round = 0; round < 10; round++)
        {
            // The first request is lost, the second answered.
            var from = round * 10;
            Assert.Equal([from, from + 1], AskFor(budget, from, from + 1.01));
            budget.OnKeyframe(At(from + 1.1));
        }

        Assert.False(budget.SourceIgnoresRequests);
        Assert.Equal(20, budget.Asked);
    }
}
