using System.Globalization;
using Broadcast.Client.Connections;

namespace Broadcast.LoadTest.Report;

/// <summary>The result for a person.</summary>
internal static class Summary
{
    /// <summary>A few lines.</summary>
    public static string Of(LoadResult result)
    {
        var lines = new List<FormattableString>
        {
            $"viewers   {result.Joins.Playing} playing, {result.Joins.Failed} failed, {result.Media.SilentViewers} silent, {result.Media.EndedViewers} ended",
            $"joins     {result.Joins.ConnectedPerSecond:0} connected per second, {result.Joins.PerSecond:0} with a picture; {result.Joins.LostPackets} packets lost and {result.Joins.KeyframeRequestsReceived} keyframes asked of the publishers meanwhile",
            $"          POST to connected {Show(result.Joins.ConnectMilliseconds)}",
            $"          POST to picture {Show(result.Joins.TimeMilliseconds)}",
            $"media     {result.Media.PacketsPerSecond:0} packets/s, {result.Media.BitsPerSecond / 1e6:0.0} Mbit/s, {result.Media.Lost} lost ({result.Media.LossRatio:P4}), {result.Media.Repaired} repaired, {result.Media.Verified} verified, {result.Media.AuthenticationFailures} wrong",
            $"delay     {Show(result.Media.DelayMilliseconds)}",
            $"pauses    {Show(result.Media.LongestPauseMilliseconds)}",
        };
        if (result.Server is { } server)
        {
            lines.Add($"server    {server.CpuMicrosecondsPerPacket:0.00} µs CPU per packet sent, {server.Cores:0.00} cores, {server.ResidentBytesPerViewer / 1024:0.0} KB per viewer, RSS {server.ResidentBytesAfter / 1048576} MB; {result.Joins.ServerCpuMillisecondsPerJoin:0.00} ms CPU per join");
        }

        lines.Add($"this tool {result.Tool.CpuMicrosecondsPerPacket:0.00} µs CPU per packet, {result.Tool.Cores:0.00} cores, {result.Tool.CpuMillisecondsPerJoin:0.00} ms CPU per join, {result.Tool.ReceiveDrops} datagrams dropped at its own sockets");
        foreach (var error in result.Joins.Errors) lines.Add($"error     {error}");
        return string.Join(Environment.NewLine, lines.Select(line => line.ToString(CultureInfo.InvariantCulture)));
    }

    private static string Show(LoadResult.Distribution distribution) => distribution.P50 is null
        ? "not measured"
        : string.Create(CultureInfo.InvariantCulture, $"p50 {distribution.P50:0.00} ms, p95 {distribution.P95:0.00}, p99 {distribution.P99:0.00}, max {distribution.Max:0.00}");
}
