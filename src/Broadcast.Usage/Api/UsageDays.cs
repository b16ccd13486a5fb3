using Broadcast.Media.Sessions;
using Broadcast.Usage.Records;

namespace Broadcast.Usage.Api;

/// <summary>Adds up records by stream and day (UTC). A session that goes over midnight counts on each of its days; its bytes are split by time.</summary>
internal static class UsageDays
{
    /// <param name="records">In any order.</param>
    /// <param name="from">The first day.</param>
    /// <param name="to">The last day.</param>
    public static IReadOnlyList<UsageDayView> Sum(IEnumerable<UsageRecord> records, DateOnly from, DateOnly to)
    {
        var days = new Dictionary<(DateOnly Date, string Stream), Day>();
        foreach (var record in records)
        {
            var first = DateOnly.FromDateTime(record.StartedAt.UtcDateTime);
            var last = DateOnly.FromDateTime(record.EndedAt.UtcDateTime);
            for (var date = first < from ? from : first; date <= last && date <= to; date = date.AddDays(1))
            {
                var begin = new DateTimeOffset(date, default, TimeSpan.Zero);
                var (start, end) = (Max(record.StartedAt, begin), Min(record.EndedAt, begin.AddDays(1)));
                if (end < start || (end == start && date != first)) continue;
                if (!days.TryGetValue((date, record.Stream), out var day)) days.Add((date, record.Stream), day = new Day());
                day.Add(record, start, end);
            }
        }

        return [.. days.OrderBy(pair => pair.Key.Date).ThenBy(pair => pair.Key.Stream, StringComparer.Ordinal).Select(pair => pair.Value.View(pair.Key.Date, pair.Key.Stream))];
    }

    private static DateTimeOffset Max(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;

    private static DateTimeOffset Min(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;

    private sealed class Day
    {
        private readonly List<(DateTimeOffset At, int Change)> _changes = [];
        private (int Sessions, TimeSpan Time, double Bytes) _published;
        private (int Sessions, TimeSpan Time, double Bytes) _viewed;

        public void Add(UsageRecord record, DateTimeOffset start, DateTimeOffset end)
        {
            var share = record.Duration > TimeSpan.Zero ? (end - start) / record.Duration : 1;
            ref var sum = ref record.Kind == SessionKind.Publisher ? ref _published : ref _viewed;
            sum = (sum.Sessions + 1, sum.Time + (end - start), sum.Bytes + (share * record.Bytes));
            if (record.Kind == SessionKind.Publisher) return;
            _changes.Add((start, 1));
            _changes.Add((end, -1));
        }

        public UsageDayView View(DateOnly date, string stream)
        {
            // Who leaves in the moment in which another comes was not there with it.
            var (now, peak) = (0, 0);
            foreach (var (_, change) in _changes.OrderBy(change => change.At).ThenBy(change => change.Change)) peak = Math.Max(peak, now += change);
            return new UsageDayView(
                date, stream, _published.Sessions, UsageView.Rounded(_published.Time), (long)Math.Round(_published.Bytes), _viewed.Sessions, UsageView.Rounded(_viewed.Time), (long)Math.Round(_viewed.Bytes), peak);
        }
    }
}
