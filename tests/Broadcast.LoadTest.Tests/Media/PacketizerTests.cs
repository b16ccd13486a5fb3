using Broadcast.Client.Connections;
using Broadcast.Client.Media;
using Broadcast.Rtc;
using Broadcast.Rtc.Payloads;

namespace Broadcast.LoadTest.Tests.Media;

public class PacketizerTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(1_000)]
    [InlineData(1_200)]
    [InlineData(10_417)]
    [InlineData(70_001)]
    public void A_Vp8_frame_comes_back_from_its_packets(int length)
    {
        var frame = Clips.RandomFrame(length, length);
        frame[0] = 0;
        var clip = new ClipBuilder(CodecKind.Vp8, 3000);
        Packetizers.Vp8(clip, new SourceFrame(frame, IsKeyframe: true));
        var packets = Payloads(clip.Build());
        Assert.Equal(frame, packets.SelectMany(packet => packet[6..]));
        Assert.All(packets, packet => Assert.InRange(packet.Length, 7, ClipBuilder.MaxPayload));
        Assert.True(packets.Max(packet => packet.Length) - packets.Min(packet => packet.Length) <= 1 + packets.Count); // near-equal parts
        Assert.Equal([0], IndicesOfStarts(CodecKind.Vp8, packets));
    }

    [Fact]
    public void Temporal_layers_of_Vp8_are_what_the_server_reads_of_them()
    {
        var clip = new ClipBuilder(CodecKind.Vp8, 3000);
        for (var i = 0; i < 8; i++) Packetizers.Vp8(clip, new SourceFrame(Clips.RandomFrame(2_000, i), IsKeyframe: i == 0), TemporalPattern.IdAt(i), TemporalPattern.IsSyncAt(i));
        var built = clip.Build();
        var frames = Enumerable.Range(0, built.FrameCount).Select(i => built[i]).ToArray();
        var reader = new LayerReader(CodecKind.Vp8);
        var marks = frames.Select(frame => reader.Read(built.Payload(frame.First), default, frame.IsKeyframe)).ToArray();
        Assert.Equal([0, 2, 1, 2, 0, 2, 1, 2], marks.Select(mark => (int)mark.TemporalId));
        Assert.Equal(frames.Select(frame => frame.TemporalId), marks.Select(mark => (int)mark.TemporalId));

        // The keyframe gives all, the first 2 and the 1 give their layer.
        Assert.Equal([0xFFFF, 4, 2, 0, 0, 4, 2, 0], marks.Select(mark => (int)mark.Switches));
    }

    [Fact]
    public void A_Vp9_keyframe_comes_back_from_its_packets()
    {
        var frame = Clips.RandomFrame(5_000, 9);
        var clip = new ClipBuilder(CodecKind.Vp9, 3000);
        Packetizers.Vp9(clip, new SourceFrame(frame, IsKeyframe: true));
        var packets = Payloads(clip.Build());
        Assert.Equal(frame, packets.SelectMany((packet, index) => packet[(index == 0 ? 10 : 5)..]));
        Assert.Equal([0], IndicesOfStarts(CodecKind.Vp9, packets));
        Assert.Equal(packets.Count - 1, packets.FindIndex(packet => (packet[0] & 0x04) != 0)); // E on the last one only
    }

    [Fact]
    public void An_H264_access_unit_becomes_an_aggregate_and_fragments()
    {
        var idr = Clips.RandomFrame(3_000, 5);
        idr[0] = 0x65;
        var clip = new ClipBuilder(CodecKind.H264, 3000);
        H264Packetizer.Packetize(clip, new AnnexBReader.AccessUnit([new byte[] { 0x67, 1, 2 }, new byte[] { 0x68, 3 }, idr], true));
        var packets = Payloads(clip.Build());
        Assert.Equal([0x78, 0, 3, 0x67, 1, 2, 0, 2, 0x68, 3], packets[0].Select(part => (int)part));
        Assert.Equal(idr[1..], packets[1..].SelectMany(packet => packet[2..]));
        Assert.Equal(0x85, packets[1][1]); // S, IDR
        Assert.Equal(0x45, packets[^1][1]); // E, IDR
        Assert.Equal([0, 1], IndicesOfStarts(CodecKind.H264, packets));
    }

    [Theory]
    [InlineData(50)]
    [InlineData(2_000)]
    [InlineData(20_000)]
    public void Av1_elements_come_back_from_their_packets(int length)
    {
        // Temporal delimiter, sequence header, frame: each with a size field.
        var frame = Clips.RandomFrame(length, length);
        byte[] unit = [0x12, 0, 0x0A, 3, 1, 2, 3, 0x32, (byte)(length & 0x7F | 0x80), (byte)((length >> 7) & 0x7F | 0x80), (byte)(length >> 14), .. frame];
        var clip = new ClipBuilder(CodecKind.Av1, 3000);
        Av1Packetizer.Packetize(clip, new SourceFrame(unit, IsKeyframe: true));
        var packets = Payloads(clip.Build());
        Assert.Equal([[0x08, 1, 2, 3], [0x30, .. frame]], Elements(packets));
        Assert.Equal([0], IndicesOfStarts(CodecKind.Av1, packets));
    }

    [Fact]
    public void A_packet_is_found_by_its_payload_under_another_descriptor()
    {
        var clip = Clips.Vp8(frames: 4, frameLength: 3_000);
        for (var packet = 0; packet < clip.PacketCount; packet++)
        {
            var rewritten = clip.Payload(packet).ToArray();
            PictureCounters.Write(CodecKind.Vp8, rewritten, frame: 12345, baseFrame: 99);
            Assert.Equal(packet, clip.PacketOf(rewritten));
        }

        Assert.Equal(-1, clip.PacketOf(new byte[500]));
    }

    private static List<byte[]> Payloads(MediaClip clip) => [.. Enumerable.Range(0, clip.PacketCount).Select(packet => clip.Payload(packet).ToArray())];

    private static IEnumerable<int> IndicesOfStarts(CodecKind codec, List<byte[]> packets) =>
        Enumerable.Range(0, packets.Count).Where(index => KeyframeStart.Is(codec, packets[index]));

    /// <summary>AV1 RTP §4.4 from the receiver's side.</summary>
    private static List<byte[]> Elements(List<byte[]> packets)
    {
        var elements = new List<byte[]>();
        foreach (var packet in packets)
        {
            var rest = packet.AsSpan(1);
            var continues = (packet[0] & 0x80) != 0;
            while (!rest.IsEmpty)
            {
                var size = 0;
                var shift = 0;
                byte next;
                do
                {
                    next = rest[0];
                    rest = rest[1..];
                    size |= (next & 0x7F) << shift;
                    shift += 7;
                }
                while ((next & 0x80) != 0);
                if (continues) elements[^1] = [.. elements[^1], .. rest[..size]];
                else elements.Add(rest[..size].ToArray());
                continues = false;
                rest = rest[size..];
            }
        }

        return elements;
    }
}
