namespace Broadcast.Client.Connections;

/// <summary>What one loop counted since the start. Written by its thread alone; others read slightly old values.</summary>
internal sealed class LoopCounters
{
    /// <summary>Distinct media packets the viewers received, repaired ones included.</summary>
    public long MediaPackets { get; set; }

    /// <summary>Bytes of those, from the RTP header to the authentication tag.</summary>
    public long MediaBytes { get; set; }

    /// <summary>Media packets that filled a hole, by retransmission or by arriving late.</summary>
    public long Repaired { get; set; }

    /// <summary>Retransmissions received, useful or not.</summary>
    public long Retransmissions { get; set; }

    /// <summary>Media packets received twice.</summary>
    public long Duplicates { get; set; }

    /// <summary>Media packets that were missing for a second and given up.</summary>
    public long Lost { get; set; }

    /// <summary>Packets decrypted and verified.</summary>
    public long Verified { get; set; }

    /// <summary>Packets that did not verify. Anything but 0 is a defect of one side.</summary>
    public long AuthenticationFailures { get; set; }

    /// <summary>Sequence numbers asked for again.</summary>
    public long NacksSent { get; set; }

    /// <summary>Keyframes asked for by viewers.</summary>
    public long PlisSent { get; set; }

    /// <summary>Complete sender reports received by viewers.</summary>
    public long SenderReports { get; set; }

    /// <summary>Media packets the publishers sent.</summary>
    public long Published { get; set; }

    /// <summary>Packets the server asked a publisher for again, answered ones.</summary>
    public long NacksAnswered { get; set; }

    /// <summary>Keyframe requests the publishers received.</summary>
    public long PlisReceived { get; set; }

    /// <summary>One-way delay through the server, for sampled packets.</summary>
    public Histogram Delay { get; } = new();

    /// <summary>Adds another loop's figures, the delays too when <paramref name="delays"/> is set.</summary>
    public void Add(LoopCounters other, bool delays = false)
    {
        MediaPackets += other.MediaPackets;
        MediaBytes += other.MediaBytes;
        Repaired += other.Repaired;
        Retransmissions += other.Retransmissions;
        Duplicates += other.Duplicates;
        Lost += other.Lost;
        Verified += other.Verified;
        AuthenticationFailures += other.AuthenticationFailures;
        NacksSent += other.NacksSent;
        PlisSent += other.PlisSent;
        SenderReports += other.SenderReports;
        Published += other.Published;
        NacksAnswered += other.NacksAnswered;
        PlisReceived += other.PlisReceived;
        if (delays) Delay.Add(other.Delay);
    }
}
