using Broadcast.Signalling.Operate.Figures;

namespace Broadcast.Signalling.Tests.Operate;

public class FigureHistoryTests
{
    [Fact]
    public void A_subject_is_remembered_for_a_quarter_of_an_hour_oldest_first()
    {
        var history = new FigureHistory();
        for (var i = 0; i < 400; i++)
            history.Add([("node", i, 2 * i, 0)]);
        var past = history.Of("node");
        Assert.Equal(15 * 60, past.StepSeconds * past.Series[0].Length);
        Assert.Equal((220f, 399f), (past.Series[0][0], past.Series[0][^1]));
        Assert.Equal((440f, 798f), (past.Series[1][0], past.Series[1][^1]));
    }

    [Fact]
    public void What_was_away_has_a_gap_and_what_has_gone_is_forgotten()
    {
        var history = new FigureHistory();
        history.Add([("a", 1, 0, 0), ("b", 5, 0, 0)]);
        history.Add([("b", 6, 0, 0)]);
        history.Add([("a", 3, 0, 0)]);
        Assert.Equal([1, float.NaN, 3], history.Of("a").Series[0]);
        Assert.Equal([5, 6, float.NaN], history.Of("b").Series[0]);
        for (var i = 0; i < FigureHistory.Length; i++)
            history.Add([("a", i, 0, 0)]);
        Assert.Empty(history.Of("b").Series);
        Assert.Equal(1, history.Count);
    }

    [Fact]
    public void However_many_subjects_come_only_so_many_are_remembered()
    {
        var history = new FigureHistory();
        history.Add(Enumerable.Range(0, FigureHistory.MaxSubjects + 100).Select(i => ($"s{i}", 0f, 0f, 0f)));
        Assert.Equal(FigureHistory.MaxSubjects, history.Count);
    }
}
