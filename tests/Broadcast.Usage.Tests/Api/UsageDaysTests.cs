using Broadcast.Media.Sessions;
using Broadcast.Usage.Api;

namespace Broadcast.Usage.Tests.Api;

public class UsageDaysTests
{
    private static readonly DateOnly First = new(2026, 3, 1);

    [Fact]
    public void A_session_over_midnight_counts_on_both_days_with_its_share_of_bytes()
    {
        var days = UsageDays.Sum([Some.Record("a", 7200, Some.Noon.AddHours(11.5), SessionKind.Publisher, bytes: 1_000)], First, First.AddDays(5));
        Assert.Equal(
            [new UsageDayView(First, "live", 1, 1800, 250, 0, 0, 0, 0), new UsageDayView(First.AddDays(1), "live", 1, 5400, 750, 0, 0, 0, 0)],
            days);
        Assert.Single(UsageDays.Sum([Some.Record("a", 7200, Some.Noon.AddHours(11.5))], First, First));
    }

    [Fact]
    public void The_peak_is_those_who_were_there_at_once()
    {
        var days = UsageDays.Sum(
            [
                Some.Record("a", 100), Some.Record("b", 50, Some.Noon.AddSeconds(50)), Some.Record("c", 50, Some.Noon.AddSeconds(100)), // who leaves makes room
                Some.Record("p", 500, kind: SessionKind.Publisher), Some.Record("other", 10, stream: "another"),
            ],
            First,
            First);
        Assert.Equal(["another", "live"], days.Select(day => day.Stream));
        Assert.Equal((2, 3, 200.0, 3_000L), (days[1].PeakViewers, days[1].Sessions, days[1].ViewerSeconds, days[1].ViewerBytes));
    }
}
