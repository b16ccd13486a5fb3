using Broadcast.Rtc;
using Broadcast.Rtc.Payloads;

namespace Broadcast.Recording.Tests.Bitstreams;

/// <summary>A payload of RTP.</summary>
internal readonly record struct Packet(byte[] Payload, long Timestamp, bool Marker);

/// <summary>Makes RTP payloads of frames, by the payload format of the codec.</summary>
internal static class Packetizer
{
    private const int MaximumLength = 700;

    /// <summary>The packets of all frames of a clip.</summary>
    /// <param name="first">RTP time of the first frame.</param>
    public static List<List<Packet>> Packetize(Clip clip, long first = 1000)
    {
        var step = clip.Codec == CodecKind.Opus ? 960 : 90_000 / Clip.Fps;
        return [.. clip.Frames.Select((frame, i) => Packetize(clip.Codec, frame, first + (i * step)))];
    }

    public static List<Packet> Packetize(CodecKind codec, byte[] frame, long timestamp)
    {
        var payloads = codec switch
        {
            CodecKind.Vp8 => Vp8(frame),
            CodecKind.Vp9 => Vp9(frame, spatialId: -1),
            CodecKind.Av1 => Av1(frame),
            CodecKind.H264 => H264(frame),
            CodecKind.H265 => H265(frame),
            _ => [frame],
        };
        return [.. payloads.Select((payload, i) => new Packet(payload, timestamp, i == payloads.Count - 1))];
    }

    /// <param name="spatialId">−1 for a stream without layers.</param>
    /// <param name="isPredicted">P.</param>
    public static List<byte[]> Vp9(byte[] frame, int spatialId, bool isPredicted = false)
    {
        var chunks = frame.Chunk(MaximumLength).ToList();
        return [.. chunks.Select((chunk, i) =>
        {
            var first = 0x80 | (isPredicted ? 0x40 : 0) | (i == 0 ? 0x08 : 0) | (i == chunks.Count - 1 ? 0x04 : 0);
            return spatialId < 0
                ? (byte[])[(byte)first, 0x81, 0x23, .. chunk]
                : [(byte)(first | 0x20), 0x81, 0x23, (byte)(spatialId << 1), 7, .. chunk];
        })];
    }

    private static List<byte[]> Vp8(byte[] frame) =>
        [.. frame.Chunk(MaximumLength).Select((chunk, i) => (byte[])[(byte)(i == 0 ? 0x90 : 0x80), 0x80, 0x81, 0x23, .. chunk])];

    /// <summary>Single units, STAP-A for what comes before a slice, FU-A for what is too long.</summary>
    private static List<byte[]> H264(byte[] frame)
    {
        var payloads = new List<byte[]>();
        var small = new List<byte[]>();
        foreach (var unit in Clip.Units(frame))
        {
            if (unit.Length <= 200)
            {
                small.Add(unit);
                continue;
            }

            Aggregate(payloads, small, [24]);
            if (unit.Length <= MaximumLength)
            {
                payloads.Add(unit);
                continue;
            }

            var parts = unit.Skip(1).Chunk(MaximumLength).ToList();
            payloads.AddRange(parts.Select((part, i) =>
                (byte[])[(byte)((unit[0] & 0xE0) | 28), (byte)((i == 0 ? 0x80 : 0) | (i == parts.Count - 1 ? 0x40 : 0) | (unit[0] & 0x1F)), .. part]));
        }

        Aggregate(payloads, small, [24]);
        return payloads;
    }

    /// <summary>Single units, AP for what comes before a slice, FU for what is too long.</summary>
    private static List<byte[]> H265(byte[] frame)
    {
        var payloads = new List<byte[]>();
        var small = new List<byte[]>();
        foreach (var unit in Clip.Units(frame))
        {
            if (unit.Length <= 200)
            {
                small.Add(unit);
                continue;
            }

            Aggregate(payloads, small, [48 << 1, 1]);
            if (unit.Length <= MaximumLength)
            {
                payloads.Add(unit);
                continue;
            }

            var type = (unit[0] >> 1) & 0x3F;
            var parts = unit.Skip(2).Chunk(MaximumLength).ToList();
            payloads.AddRange(parts.Select((part, i) =>
                (byte[])[(byte)((unit[0] & 0x81) | (49 << 1)), unit[1], (byte)((i == 0 ? 0x80 : 0) | (i == parts.Count - 1 ? 0x40 : 0) | type), .. part]));
        }

        Aggregate(payloads, small, [48 << 1, 1]);
        return payloads;
    }

    private static void Aggregate(List<byte[]> payloads, List<byte[]> units, byte[] header)
    {
        if (units.Count == 1) payloads.Add(units[0]);
        if (units.Count > 1) payloads.Add([.. header, .. units.SelectMany(unit => (byte[])[(byte)(unit.Length >> 8), (byte)unit.Length, .. unit])]);
        units.Clear();
    }

    /// <summary>All OBUs without sizes, cut anywhere: each packet is full (W = 0, a length before each element).</summary>
    private static List<byte[]> Av1(byte[] temporalUnit)
    {
        var obus = Obus(temporalUnit);
        var isKey = obus.Any(obu => ((obu[0] >> 3) & 15) == 1);
        var payloads = new List<byte[]>();
        var packet = new List<byte> { 0 };
        foreach (var obu in obus)
        {
            var rest = obu;
            while (true)
            {
                var room = MaximumLength - packet.Count;
                if (room < 10)
                {
                    payloads.Add([.. packet]);
                    packet = [0];
                    continue;
                }

                var part = rest[..Math.Min(rest.Length, room - 2)];
                packet.AddRange([(byte)(part.Length & 0x7F | 0x80), (byte)(part.Length >> 7), .. part]);
                rest = rest[part.Length..];
                if (rest.Length == 0) break;
                packet[0] |= 0x40; // Y
                payloads.Add([.. packet]);
                packet = [0x80]; // Z
            }
        }

        payloads.Add([.. packet]);
        if (isKey) payloads[0][0] |= 0x08; // N
        return payloads;
    }

    /// <summary>OBUs of a temporal unit without size fields and without the delimiter.</summary>
    public static List<byte[]> Obus(byte[] temporalUnit)
    {
        var obus = new List<byte[]>();
        for (var at = 0; at < temporalUnit.Length;)
        {
            var header = temporalUnit[at];
            var bodyAt = at + ((header & 4) != 0 ? 2 : 1);
            Assert.NotEqual(0, header & 2);
            Assert.True(Leb128.TryRead(temporalUnit, ref bodyAt, out var size));
            byte[] start = (header & 4) != 0 ? [(byte)(header & ~2), temporalUnit[at + 1]] : [(byte)(header & ~2)];
            if (((header >> 3) & 15) != 2) obus.Add([.. start, .. temporalUnit.AsSpan(bodyAt, (int)size)]);
            at = bodyAt + (int)size;
        }

        return obus;
    }
}
