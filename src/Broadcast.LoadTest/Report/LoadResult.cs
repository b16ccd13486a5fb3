using System.Text.Json;
using System.Text.Json.Serialization;
using Broadcast.Client.Connections;

namespace Broadcast.LoadTest.Report;

/// <summary>The outcome of a run, as it is written to JSON. Rates and ratios are of the measuring window.</summary>
internal sealed record LoadResult(LoadResult.RunPart Run, LoadResult.JoinPart Joins, LoadResult.MediaPart Media, LoadResult.ServerPart? Server, LoadResult.ToolPart Tool)
{
    private static readonly JsonSerializerOptions Format = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.Never,
    };

    /// <summary>What was asked for.</summary>
    internal sealed record RunPart(
        string Server, string Peer, string Codec, string Profile, string Pacing, bool Audio, bool Tcp, int Viewers, int Publishers, int VideoBitrate, double WindowSeconds, DateTimeOffset FinishedAt);

    /// <summary>How viewers came in.</summary>
    /// <param name="Playing">They reached a complete keyframe.</param>
    /// <param name="Failed">They did not.</param>
    /// <param name="Errors">The most frequent reasons.</param>
    /// <param name="Seconds">From the first POST to the last picture.</param>
    /// <param name="PerSecond">Joins per second over that time.</param>
    /// <param name="ConnectedPerSecond">The same from the first POST to the last handshake: a viewer then only waits for the next keyframe.</param>
    /// <param name="TimeMilliseconds">From POST to the first complete keyframe.</param>
    /// <param name="ConnectMilliseconds">From POST to the end of the DTLS handshake.</param>
    /// <param name="SignallingMilliseconds">From POST to the answer.</param>
    /// <param name="ServerCpuMillisecondsPerJoin">Server CPU of the join phase without what forwarding costs in the window.</param>
    /// <param name="LostPackets">Lost by viewers during the join phase, those already watching included.</param>
    /// <param name="KeyframeRequestsReceived">Keyframes the server asked this tool's publishers for meanwhile.</param>
    internal sealed record JoinPart(
        int Playing,
        int Failed,
        IReadOnlyList<string> Errors,
        double Seconds,
        double PerSecond,
        double ConnectedPerSecond,
        Distribution TimeMilliseconds,
        Distribution ConnectMilliseconds,
        Distribution SignallingMilliseconds,
        double? ServerCpuMillisecondsPerJoin,
        long LostPackets,
        long KeyframeRequestsReceived);

    /// <summary>What viewers received in the window.</summary>
    internal sealed record MediaPart(
        long Packets,
        double PacketsPerSecond,
        double BitsPerSecond,
        long Lost,
        double LossRatio,
        long Repaired,
        long Retransmissions,
        long Duplicates,
        long Verified,
        long AuthenticationFailures,
        long NacksSent,
        long KeyframeRequestsSent,
        long SenderReports,
        long Published,
        int SilentViewers,
        int EndedViewers,
        Distribution DelayMilliseconds,
        Distribution LongestPauseMilliseconds);

    /// <summary>What the server spent in the window.</summary>
    internal sealed record ServerPart(
        double CpuSeconds, double Cores, double CpuMicrosecondsPerPacket, long ResidentBytesBefore, long ResidentBytesAfter, double ResidentBytesPerViewer);

    /// <summary>What this tool spent: in the window, and for a join beyond the packets that came meanwhile.</summary>
    internal sealed record ToolPart(double CpuSeconds, double Cores, double CpuMicrosecondsPerPacket, double? CpuMillisecondsPerJoin, long ReceiveDrops);

    /// <summary>Percentiles; null when nothing was measured.</summary>
    internal sealed record Distribution(double? P50, double? P95, double? P99, double? Max)
    {
        /// <summary>Reads a histogram.</summary>
        public static Distribution Of(Histogram histogram) =>
            new(histogram.Percentile(0.5), histogram.Percentile(0.95), histogram.Percentile(0.99), histogram.Percentile(1));
    }

    /// <summary>Everybody played to the end and nothing failed to verify.</summary>
    [JsonIgnore]
    public bool Passed => Joins.Failed == 0 && Media is { AuthenticationFailures: 0, SilentViewers: 0, EndedViewers: 0 };

    /// <summary>The JSON text.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Format);
}
