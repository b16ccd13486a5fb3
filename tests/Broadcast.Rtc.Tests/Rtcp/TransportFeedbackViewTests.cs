using Broadcast.Rtc.Rtcp;

namespace Broadcast.Rtc.Tests.Rtcp;

/// <summary>Layouts of draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1, bytes by hand.</summary>
public class TransportFeedbackViewTests
{
    [Fact]
    public void Run_vector_and_both_delta_sizes_are_read()
    {
        // Base 65,534; 2 received (run), then 1-bit vector 01100…, then 2-bit vector: large, lost, small.
        var packet = Packet("FFFE 0013 000002 07  2002  9800 E100  04 08 0C FF  FFFC 01");
        Assert.Equal(DropReason.None, TransportFeedbackView.TryParse(packet, out var view));
        Assert.Equal(65_534, view.BaseSequenceNumber);
        Assert.Equal(19, view.PacketStatusCount);
        Assert.Equal(2, view.ReferenceTime);
        Assert.Equal(7, view.FeedbackPacketCount);

        var received = new List<(ushort, long)>();
        foreach (var status in view)
        {
            if (status.Received) received.Add((status.SequenceNumber, status.ArrivalNanoseconds / 1000));
        }

        Assert.Equal([(65_534, 129_000), (65_535, 131_000), (1, 134_000), (2, 197_750), (14, 196_750), (16, 197_000)], received);
    }

    [Fact]
    public void Reference_time_is_signed()
    {
        Assert.Equal(DropReason.None, TransportFeedbackView.TryParse(Packet("0000 0001 FFFFFF 00 2001 04"), out var view));
        Assert.Equal(-1, view.ReferenceTime);
        foreach (var status in view) Assert.Equal(-63_000_000, status.ArrivalNanoseconds);
    }

    [Fact]
    public void Lost_runs_are_stepped_over_when_only_received_packets_are_asked_for()
    {
        // 65,533 lost in eight runs, then one received.
        var runs = string.Concat(Enumerable.Repeat("1FFF", 7)) + "1FF6" + "2001";
        Assert.Equal(DropReason.None, TransportFeedbackView.TryParse(Packet($"0005 FFF0 000000 00 {runs} 08"), out var view));
        var all = new List<ushort>();
        foreach (var status in view.Received) all.Add(status.SequenceNumber);
        Assert.Equal([unchecked((ushort)(5 + 0xFFF0 - 1))], all);
    }

    [Theory]
    [InlineData("0000 0000 000000 00")] // no status
    [InlineData("0000 0001 000000 00")] // no chunk
    [InlineData("0000 0001 000000 00 2001")] // no delta
    [InlineData("0000 0002 000000 00 4002 000000")] // half a large delta short
    [InlineData("0000 0001 000000 00 2000 04")] // empty run
    [InlineData("0000 0001 000000 00 6001 0404")] // reserved symbol in a run
    [InlineData("0000 0007 000000 00 F000 040404040404")] // reserved symbol in a vector
    public void Malformed_feedback_is_refused(string body) =>
        Assert.Equal(DropReason.RtcpMalformed, TransportFeedbackView.TryParse(Packet(body, pad: false), out _));

    private static RtcpPacketView Packet(string afterSsrcs, bool pad = true)
    {
        byte[] body = [.. Hex.Bytes("00000001 00000002"), .. Hex.Bytes(afterSsrcs)];
        if (pad) body = [.. body, .. new byte[-body.Length & 3]];
        return new RtcpPacketView(15, 205, body);
    }
}
