using System.Globalization;

namespace Broadcast.LoadTest.Report;

/// <summary>A result as a row of a Markdown table, so that runs stand beside each other.</summary>
internal static class MarkdownRow
{
    private const string Head = """
        | server | profile | pacing | viewers playing | packets/s | lost | CPU µs per packet | cores | delay p50 / p99 ms | joins/s | join p50 / p95 ms | CPU ms per join | KB per viewer |
        |---|---|---|---|---|---|---|---|---|---|---|---|---|

        """;

    /// <summary>Appends the row; a new file gets the head first.</summary>
    /// <param name="path">The file.</param>
    /// <param name="label">Names the server.</param>
    /// <param name="result">What was measured.</param>
    public static void AppendTo(string path, string label, LoadResult result)
    {
        if (!File.Exists(path)) File.WriteAllText(path, Head);
        File.AppendAllText(path, Row(label, result) + "\n");
    }

    private static string Row(string label, LoadResult result)
    {
        var (joins, media, server) = (result.Joins, result.Media, result.Server);
        FormattableString row =
            $"| {label} | {result.Run.Profile} | {result.Run.Pacing} | {joins.Playing}/{result.Run.Viewers} | {media.PacketsPerSecond:0} | {media.LossRatio:P3} | {server?.CpuMicrosecondsPerPacket:0.00} | {server?.Cores:0.00} | {media.DelayMilliseconds.P50:0.00} / {media.DelayMilliseconds.P99:0.00} | {joins.PerSecond:0} | {joins.TimeMilliseconds.P50:0} / {joins.TimeMilliseconds.P95:0} | {joins.ServerCpuMillisecondsPerJoin:0.00} | {server?.ResidentBytesPerViewer / 1024:0} |";
        return row.ToString(CultureInfo.InvariantCulture);
    }
}
