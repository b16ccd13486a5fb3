using System.Buffers;
using System.Globalization;
using System.Text;
using Broadcast.Usage.Records;

namespace Broadcast.Usage.Api;

/// <summary>Records as CSV (RFC 4180), one line each.</summary>
/// <remarks>A text that a spreadsheet would take for a formula gets an apostrophe before it: names of subjects come from others.</remarks>
public static class UsageCsv
{
    /// <summary>The line of names, with its end.</summary>
    public const string Header =
        "sessionId,stream,epoch,kind,subject,viewerId,node,startedAt,endedAt,seconds,bytes,packets,lost,retransmitted,nacks,keyframeRequests,switches,"
        + "bandwidthLimitedSeconds,pausedSeconds,heights,codecs,transport,endReason,interrupted\r\n";

    private static readonly SearchValues<char> Quoted = SearchValues.Create(",\"\r\n;\t");

    /// <summary>One line, with its end.</summary>
    public static string Line(UsageRecord record)
    {
        var line = new StringBuilder(256);
        Text(line, record.SessionId);
        Text(line, record.Stream);
        Number(line, record.Epoch);
        Text(line, UsageView.KindOf(record.Kind));
        Text(line, record.Subject);
        Text(line, record.ViewerId);
        Text(line, record.Node);
        Text(line, Date(record.StartedAt));
        Text(line, Date(record.EndedAt));
        Number(line, UsageView.Rounded(record.Duration));
        foreach (var count in new[] { record.Bytes, record.Packets, record.Lost, record.Retransmitted, record.Nacks, record.KeyframeRequests, record.Switches }) Number(line, count);
        Number(line, UsageView.Rounded(record.LimitedByBandwidth));
        Number(line, UsageView.Rounded(record.Paused));
        Text(line, string.Join(' ', record.Heights.Select(height => string.Create(CultureInfo.InvariantCulture, $"{height.Height}:{UsageView.Rounded(height.Time)}"))));
        Text(line, record.Codecs.Replace(',', ' '));
        Text(line, record.Transport);
        Text(line, record.EndReason);
        line.Append(record.Interrupted ? "true" : "false").Append("\r\n");
        return line.ToString();
    }

    private static string Date(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static void Number<T>(StringBuilder line, T value)
        where T : IFormattable => line.Append(value.ToString(null, CultureInfo.InvariantCulture)).Append(',');

    private static void Text(StringBuilder line, string? text)
    {
        text ??= "";
        if (text is ['=' or '+' or '-' or '@' or '\t' or '\r' or '\n' or '＝' or '＋' or '－' or '＠', ..]) text = "'" + text;
        if (text.AsSpan().ContainsAny(Quoted)) line.Append('"').Append(text.Replace("\"", "\"\"", StringComparison.Ordinal)).Append('"');
        else line.Append(text);
        line.Append(',');
    }
}
