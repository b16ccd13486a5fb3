using System.Buffers.Binary;
using Broadcast.Fuzz.Corpus;
using Broadcast.Fuzz.Engine;
using Broadcast.Rtc;
using Broadcast.Rtc.Rtcp;

namespace Broadcast.Fuzz.Targets;

/// <summary>A hostile publisher and hostile viewers who hold their own keys, with the engine between them.</summary>
/// <remarks>
/// The first byte chooses the codec. Then records: a byte (bit 7: from the viewers; below: milliseconds to wait), a 16-bit
/// length, a plain packet. What leaves the engine must be authentic, readable, and use no index twice.
/// </remarks>
internal sealed class ForwardingTarget : FuzzTarget
{
    private const int MaxPacket = 1500;
    private const int MaxRecords = 200;

    private static readonly CodecKind[] Codecs = [CodecKind.Vp8, CodecKind.Vp9, CodecKind.H264, CodecKind.Av1, CodecKind.H265];

    public override string Name => "forward";

    public override IReadOnlyList<byte[]> Corpus { get; } =
        [.. Codecs.Select((_, index) => Broadcast(index, gap: false)), Broadcast(0, gap: true), Broadcast(2, gap: true), WithAnotherSource(0)];

    public override bool Run(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty) return false;
        var now = MonotonicTime.FromMilliseconds(1000);
        using var path = new ForwardingPath(Codecs[input[0] % Codecs.Length], now);
        var rest = input[1..];
        for (var records = 0; rest.Length >= 3 && records < MaxRecords; records++)
        {
            now += TimeSpan.FromMilliseconds(rest[0] & 0x7F);
            var length = Math.Min(Math.Min(BinaryPrimitives.ReadUInt16BigEndian(rest[1..]), rest.Length - 3), MaxPacket);
            var packet = rest.Slice(3, length);
            if ((rest[0] & 0x80) == 0) path.Publish(packet, now);
            else path.Answer(packet, now);
            path.Turn(now);
            rest = rest[(3 + length)..];
        }

        return path.Forwarded > 0;
    }

    /// <summary>A few frames, reports, and viewers who ask for what they got and for what they never got.</summary>
    private static byte[] Broadcast(int codec, bool gap)
    {
        var records = new List<byte> { (byte)codec };
        var payloads = Payloads(Codecs[codec]);
        for (var i = 0; i < 12; i++)
        {
            if (gap && i is 5 or 6) continue;
            Add(records, 4, Rtp(SampleTracks.VideoPayloadType, 65_530 + i, (uint)(i / 2 * 3000), 0xA0, payloads[i % payloads.Count]));
            if (i % 4 == 0) Add(records, 1, Rtp(SampleTracks.AudioPayloadType, i, (uint)(i * 960), 0xB0, [0xFC, 1, 2]));
        }

        var feedback = new byte[200];
        var length = RtcpWriter.SenderReport(feedback, 0xA0, 0xE000_0000_0000_0000, 9000, 10, 1000, default);
        Add(records, 1, feedback.AsSpan(0, length));
        if (gap) Add(records, 20, Rtp(SampleTracks.RtxPayloadType, 7, 6000, 0xA1, [0xFF, 0xFF, .. payloads[1 % payloads.Count]]));
        length = RtcpWriter.Nack(feedback, 9, 201, (ReadOnlySpan<ushort>)[32_760, 32_761, 32_762, 100], out _);
        Add(records, 0x80 | 30, feedback.AsSpan(0, length));
        Add(records, 0x80 | 120, feedback.AsSpan(0, length));
        length = RtcpWriter.Pli(feedback, 9, 201);
        Add(records, 0x80 | 2, feedback.AsSpan(0, length));
        return [.. records];
    }

    /// <summary>The publisher falls silent and goes on under another SSRC, far away in numbers.</summary>
    private static byte[] WithAnotherSource(int codec)
    {
        List<byte> records = [.. Broadcast(codec, gap: false)];
        var payloads = Payloads(Codecs[codec]);
        for (var i = 0; i < 6; i++) Add(records, 127, []);
        for (var i = 0; i < 4; i++) Add(records, 5, Rtp(SampleTracks.VideoPayloadType, 30_000 + i, 77_000, 0xC0, payloads[i % payloads.Count]));
        return [.. records];
    }

    private static IReadOnlyList<byte[]> Payloads(CodecKind codec) => codec switch
    {
        CodecKind.Vp8 => SamplePayloads.Vp8,
        CodecKind.Vp9 => SamplePayloads.Vp9,
        CodecKind.H264 => SamplePayloads.H264,
        CodecKind.H265 => SamplePayloads.H265,
        _ => SamplePayloads.Av1,
    };

    /// <summary>A packet that names its m-line by MID, which is extension 1.</summary>
    private static byte[] Rtp(byte payloadType, int sequence, uint timestamp, uint ssrc, ReadOnlySpan<byte> payload)
    {
        var mid = payloadType == SampleTracks.AudioPayloadType ? (byte)'0' : (byte)'1';
        var packet = SampleRtp.Packet([0xBE, 0xDE, 0, 2, 0x10, mid, 0x41, (byte)(sequence >> 8), (byte)sequence, 0x50, 0x85, 0], payload, padding: 0);
        packet[1] = (byte)(payloadType | (sequence % 2 == 0 ? 0 : 0x80));
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)sequence);
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(4), timestamp);
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(8), ssrc);
        return packet;
    }

    private static void Add(List<byte> records, byte head, ReadOnlySpan<byte> packet)
    {
        records.AddRange([head, (byte)(packet.Length >> 8), (byte)packet.Length]);
        records.AddRange(packet);
    }
}
