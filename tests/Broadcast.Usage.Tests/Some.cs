using Broadcast.Media.Sessions;
using Broadcast.Usage.Records;

namespace Broadcast.Usage.Tests;

/// <summary>Records to write.</summary>
internal static class Some
{
    public static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public static UsageRecord Record(string id, double seconds = 60, DateTimeOffset? at = null, SessionKind kind = SessionKind.Viewer, string stream = "live", long bytes = 1_000) => new()
    {
        SessionId = id,
        Stream = stream,
        Kind = kind,
        Node = "a",
        StartedAt = at ?? Noon,
        Duration = TimeSpan.FromSeconds(seconds),
        Epoch = 3,
        Subject = "customer-7",
        ViewerId = kind == SessionKind.Viewer ? "v" + id : null,
        Bytes = bytes,
        Packets = 12,
        Lost = 1,
        Retransmitted = 2,
        Nacks = 3,
        KeyframeRequests = 4,
        Switches = 5,
        LimitedByBandwidth = TimeSpan.FromSeconds(1.5),
        Paused = TimeSpan.FromMilliseconds(250),
        Heights = [new HeightTime(360, TimeSpan.FromSeconds(10)), new HeightTime(720, TimeSpan.FromSeconds(50))],
        Codecs = "opus,vp8",
        Transport = "udp",
        EndReason = "Closed by request.",
    };
}
