using Broadcast.Fuzz.Corpus;
using Broadcast.Rtc;
using Broadcast.Rtc.Rtcp;

namespace Broadcast.Fuzz.Targets;

/// <summary>A decrypted compound packet, read as publishers' and viewers' are.</summary>
internal sealed class RtcpTarget : FuzzTarget
{
    public override string Name => "rtcp";

    public override IReadOnlyList<byte[]> Corpus => SampleRtcp.Compounds;

    public override bool Run(ReadOnlySpan<byte> input)
    {
        var reader = new RtcpReader(input);
        DropReason reason;
        var packets = 0;
        while (reader.TryRead(out var packet, out reason))
        {
            packets++;
            if (!Read(packet)) return false;
        }

        Invariant.Holds((packets + reader.SkippedCount) * 4 <= input.Length, "a packet has four bytes at least");
        return reason == DropReason.None && packets > 0;
    }

    private static bool Read(in RtcpPacketView packet)
    {
        switch (packet.Kind)
        {
            case RtcpPacketKind.SenderReport:
                if (SenderReportView.TryParse(packet, out var sender) != DropReason.None) return false;
                for (var i = 0; i < sender.ReportBlockCount; i++) _ = sender[i];
                return true;
            case RtcpPacketKind.ReceiverReport:
                if (ReceiverReportView.TryParse(packet, out var receiver) != DropReason.None) return false;
                for (var i = 0; i < receiver.ReportBlockCount; i++) _ = receiver[i];
                return true;
            case RtcpPacketKind.SourceDescription:
                var descriptions = new SourceDescriptionReader(packet);
                var chunks = 0;
                while (descriptions.TryRead(out _, out var cname))
                {
                    chunks++;
                    Invariant.Holds(cname.Length <= byte.MaxValue, "a name has 255 bytes at most");
                }

                Invariant.Holds(chunks <= packet.CountOrFormat, "there are no more chunks than announced");
                return true;
            case RtcpPacketKind.Bye:
                if (ByeView.TryParse(packet, out var bye) != DropReason.None) return false;
                for (var i = 0; i < bye.Count; i++) _ = bye[i];
                return true;
            case RtcpPacketKind.Application:
                return ApplicationView.TryParse(packet, out var application) == DropReason.None && application.Data.Length % 4 == 0;
            case RtcpPacketKind.Nack:
                if (NackView.TryParse(packet, out var nack) != DropReason.None) return false;
                var asked = 0;
                foreach (var _ in nack) asked++;
                Invariant.Holds(asked >= nack.EntryCount && asked <= nack.EntryCount * 17, "an entry names 1 to 17 packets");
                return true;
            case RtcpPacketKind.FullIntraRequest:
                if (FirView.TryParse(packet, out var fir) != DropReason.None) return false;
                for (var i = 0; i < fir.EntryCount; i++) _ = fir[i];
                return true;
            case RtcpPacketKind.ReceiverEstimatedMaximumBitrate:
                if (RembView.TryParse(packet, out var remb) != DropReason.None) return false;
                Invariant.Holds(remb.BitsPerSecond >= 0, "a rate is not negative");
                for (var i = 0; i < remb.SsrcCount; i++) _ = remb[i];
                return true;
            case RtcpPacketKind.TransportFeedback:
                return TransportFeedbackTarget.Read(packet);
            default:
                return PliView.TryParse(packet, out _) == DropReason.None;
        }
    }
}
