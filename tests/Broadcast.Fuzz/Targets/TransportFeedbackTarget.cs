using Broadcast.Fuzz.Corpus;
using Broadcast.Rtc;
using Broadcast.Rtc.Rtcp;

namespace Broadcast.Fuzz.Targets;

/// <summary>Transport-wide feedback: the input is the packet behind its RTCP header, whose length is made to fit.</summary>
internal sealed class TransportFeedbackTarget : FuzzTarget
{
    public override string Name => "twcc";

    public override IReadOnlyList<byte[]> Corpus { get; } = [.. SampleRtcp.TransportFeedback.Select(packet => packet[4..])];

    public override bool Run(ReadOnlySpan<byte> input)
    {
        var words = (input.Length + 3) / 4;
        if (words > ushort.MaxValue) return false;
        var packet = new byte[4 + (words * 4)];
        packet[0] = 0x8F;
        packet[1] = 205;
        packet[2] = (byte)(words >> 8);
        packet[3] = (byte)words;
        input.CopyTo(packet.AsSpan(4));
        var reader = new RtcpReader(packet);
        return reader.TryRead(out var view, out _) && Read(view);
    }

    /// <summary>Walks both ways and compares them.</summary>
    public static bool Read(in RtcpPacketView packet)
    {
        if (TransportFeedbackView.TryParse(packet, out var view) != DropReason.None) return false;
        int statuses = 0, received = 0;
        foreach (var status in view)
        {
            Invariant.Holds(status.SequenceNumber == (ushort)(view.BaseSequenceNumber + statuses), "statuses are consecutive");
            statuses++;
            if (status.Received) received++;
        }

        Invariant.Holds(statuses == view.PacketStatusCount, "there are as many statuses as announced");
        foreach (var status in view.Received)
        {
            Invariant.Holds(status.Received, "the short walk gives received packets only");
            received--;
        }

        Invariant.Holds(received == 0, "both walks find the same packets");
        return true;
    }
}
