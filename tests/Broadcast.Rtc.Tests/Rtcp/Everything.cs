using Broadcast.Rtc.Rtcp;

namespace Broadcast.Rtc.Tests.Rtcp;

/// <summary>Touches all that can be read from a datagram.</summary>
internal static class Everything
{
    public static long Read(ReadOnlySpan<byte> datagram)
    {
        long sum = 0;
        var reader = new RtcpReader(datagram);
        while (reader.TryRead(out var packet, out _))
        {
            if (SenderReportView.TryParse(packet, out var sender) == DropReason.None)
            {
                sum += sender.Ssrc + sender.OctetCount;
                for (var i = 0; i < sender.ReportBlockCount; i++) sum += sender[i].DelaySinceLastSenderReport;
            }

            if (ReceiverReportView.TryParse(packet, out var receiver) == DropReason.None)
            {
                sum += receiver.Ssrc;
                for (var i = 0; i < receiver.ReportBlockCount; i++) sum += receiver[i].DelaySinceLastSenderReport;
            }

            if (ByeView.TryParse(packet, out var bye) == DropReason.None)
            {
                for (var i = 0; i < bye.Count; i++) sum += bye[i];
            }

            if (NackView.TryParse(packet, out var nack) == DropReason.None)
            {
                sum += nack.MediaSsrc;
                foreach (var number in nack) sum += number;
            }

            if (PliView.TryParse(packet, out var pli) == DropReason.None) sum += pli.MediaSsrc;
            if (FirView.TryParse(packet, out var fir) == DropReason.None)
            {
                for (var i = 0; i < fir.EntryCount; i++) sum += fir[i].SequenceNumber;
            }

            if (RembView.TryParse(packet, out var remb) == DropReason.None)
            {
                sum += remb.BitsPerSecond;
                for (var i = 0; i < remb.SsrcCount; i++) sum += remb[i];
            }

            if (TransportFeedbackView.TryParse(packet, out var feedback) == DropReason.None)
            {
                var statuses = 0;
                foreach (var status in feedback) statuses += status.Received ? 1 : 0x10000;
                var received = 0;
                foreach (var status in feedback.Received) received += status.Received ? 1 : 1000;
                Assert.Equal(statuses & 0xFFFF, received);
                Assert.Equal(feedback.PacketStatusCount, (statuses & 0xFFFF) + (statuses >> 16));
            }

            var description = new SourceDescriptionReader(packet);
            while (description.TryRead(out var ssrc, out var cname)) sum += ssrc + cname.Length;
        }

        return sum;
    }
}
