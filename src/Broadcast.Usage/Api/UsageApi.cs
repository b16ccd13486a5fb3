using System.Globalization;
using System.Text;
using Broadcast.Signalling.Api;
using Broadcast.Signalling.Auth;
using Broadcast.Signalling.Http;
using Broadcast.Usage.Collect;
using Broadcast.Usage.Files;
using Broadcast.Usage.Records;
using Microsoft.AspNetCore.Http;

namespace Broadcast.Usage.Api;

/// <summary>Reads the records of this node: all for operators of everything, those of a stream for its operators.</summary>
internal sealed class UsageApi(Gatekeeper gatekeeper, UsageFolder folder, UsageBook book, TimeProvider time)
{
    private const int DefaultLimit = 200;
    private const int MaxLimit = 1000;
    private const int MaxDays = 400;
    private const string CsvType = "text/csv";

    private const string Rule =
        "Ask with from and to (dates or times of ISO 8601; to is not included), stream (a name), format (csv or json), limit (1 to 1000) and after (the next of the last answer).";

    private const string DaysRule = "Ask with from and to (dates, both included, up to 400 days) and stream (a name).";

    public async Task<IResult> ListAsync(HttpContext context, string? from = null, string? to = null, string? stream = null, string? format = null, int? limit = null, string? after = null)
    {
        UsagePosition? behind = null;
        if (!UsageTime.TryParse(from, DateTimeOffset.MinValue, out var begin) || !UsageTime.TryParse(to, DateTimeOffset.MaxValue, out var end)
            || limit is < 1 or > MaxLimit || format is not (null or "json" or "csv") || (stream is not null && !StreamName.IsValid(stream)))
            return Answer.Problem(Problem.BadRequest(Rule));
        if (after is not null)
        {
            if (!UsagePosition.TryParse(after, out var position)) return Answer.Problem(Problem.BadRequest(Rule));
            behind = position;
        }

        if (await gatekeeper.AdmitAsync(context, TokenScope.Operate, stream ?? Grant.AnyStream) is null) return Results.Empty;
        var found = folder.Ended(begin, end, behind).Where(stored => stream is null || stored.Record.Stream == stream);
        if (format == "csv") return new CsvResult(found.Select(stored => stored.Record));
        var wanted = limit ?? DefaultLimit;
        var records = await Task.Run(() => found.Take(wanted + 1).ToList(), context.RequestAborted);
        var more = records.Count > wanted;
        var shown = more ? records[..wanted] : records;
        return Answer.Json(context, new UsageListView([.. shown.Select(stored => UsageView.Of(stored.Record))], more ? shown[^1].Next.ToString() : null), UsageJson.Default.UsageListView);
    }

    /// <summary>Open sessions count too, until now.</summary>
    public async Task<IResult> DaysAsync(HttpContext context, string? from = null, string? to = null, string? stream = null)
    {
        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        if (!TryDay(from, today, out var first) || !TryDay(to, today, out var last) || first > last || last.DayNumber - first.DayNumber >= MaxDays || (stream is not null && !StreamName.IsValid(stream)))
            return Answer.Problem(Problem.BadRequest(DaysRule));
        if (await gatekeeper.AdmitAsync(context, TokenScope.Operate, stream ?? Grant.AnyStream) is null) return Results.Empty;
        var (begin, end) = (new DateTimeOffset(first, default, TimeSpan.Zero), new DateTimeOffset(last, default, TimeSpan.Zero).AddDays(1));

        // First who is open, then what was written: one that ends meanwhile is in both, and taken once.
        var open = book.Open().ToDictionary(record => record.SessionId, StringComparer.Ordinal);
        var days = await Task.Run(
            () =>
            {
                var ended = folder.Alive(begin, end).Where(record => stream is null || record.Stream == stream).Select(Taken);
                return UsageDays.Sum(ended.Concat(open.Values.Where(record => stream is null || record.Stream == stream)), first, last);
            },
            context.RequestAborted);
        return Answer.Json(context, new UsageDaysView(days), UsageJson.Default.UsageDaysView);

        UsageRecord Taken(UsageRecord record)
        {
            open.Remove(record.SessionId);
            return record;
        }
    }

    private static bool TryDay(string? text, DateOnly otherwise, out DateOnly day)
    {
        day = otherwise;
        return text is null || (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out day) && day.Year is > 1 and < 9999);
    }

    /// <summary>Written as it is read: there may be millions of lines.</summary>
    private sealed class CsvResult(IEnumerable<UsageRecord> records) : IResult
    {
        private const int Chunk = 32 * 1024;

        public async Task ExecuteAsync(HttpContext httpContext)
        {
            var response = httpContext.Response;
            response.ContentType = CsvType + "; charset=utf-8; header=present";
            response.Headers.CacheControl = "no-store";
            response.Headers.ContentDisposition = "attachment; filename=\"usage.csv\"";
            var text = new StringBuilder(UsageCsv.Header, Chunk + 1024);
            await Task.Yield();
            foreach (var record in records)
            {
                text.Append(UsageCsv.Line(record));
                if (text.Length < Chunk) continue;
                await response.WriteAsync(text.ToString(), httpContext.RequestAborted);
                text.Clear();
            }

            await response.WriteAsync(text.ToString(), httpContext.RequestAborted);
        }
    }
}
