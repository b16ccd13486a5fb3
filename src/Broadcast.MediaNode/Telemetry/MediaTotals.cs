using Broadcast.MediaNode.Sessions;

namespace Broadcast.MediaNode.Telemetry;

/// <summary>What sessions have done since the start; sums of what their workers count.</summary>
public readonly record struct MediaTotals
{
    /// <summary>RTP packets of publishers, all kinds.</summary>
    public long PacketsReceived { get; init; }

    /// <summary>RTP packets to viewers, repairs not counted.</summary>
    public long PacketsSent { get; init; }

    /// <summary>Packets that publishers were asked for again, each as often as it was.</summary>
    public long NacksSent { get; init; }

    /// <summary>Of those, what came.</summary>
    public long Repaired { get; init; }

    /// <summary>Packets that viewers asked for again.</summary>
    public long NacksReceived { get; init; }

    /// <summary>Packets sent again to viewers.</summary>
    public long Retransmitted { get; init; }

    /// <summary>Packets that viewers asked for and were not sent again.</summary>
    public long NacksRefused { get; init; }

    /// <summary>Keyframes that viewers asked for.</summary>
    public long KeyframeRequests { get; init; }

    /// <summary>The totals with those of one session added.</summary>
    internal MediaTotals Plus(NodeSession session)
    {
        var sum = this;
        if (session.Peer.Ingest is { } ingest)
        {
            sum = sum with { PacketsReceived = sum.PacketsReceived + ingest.Packets };
            foreach (var track in ingest.Tracks) sum = sum with { NacksSent = sum.NacksSent + track.NacksSent, Repaired = sum.Repaired + track.Repaired };
        }

        return session.Peer.Viewer is not { } viewer
            ? sum
            : sum with
            {
                PacketsSent = sum.PacketsSent + viewer.Packets,
                NacksReceived = sum.NacksReceived + viewer.NacksReceived,
                Retransmitted = sum.Retransmitted + viewer.Retransmitted,
                NacksRefused = sum.NacksRefused + viewer.NacksRefused,
                KeyframeRequests = sum.KeyframeRequests + viewer.KeyframeRequests,
            };
    }
}
