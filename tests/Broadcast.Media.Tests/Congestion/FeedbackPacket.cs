using System.Buffers.Binary;
using Broadcast.Rtc;
using Broadcast.Rtc.Rtcp;

namespace Broadcast.Media.Tests.Congestion;

/// <summary>Transport-wide feedback as it crosses the network.</summary>
internal static class FeedbackPacket
{
    /// <summary>What a receiver that got these packets reports.</summary>
    public static byte[] Of(params (ushort SequenceNumber, double Milliseconds)[] arrivals)
    {
        var builder = new TransportFeedbackBuilder();
        foreach (var (number, milliseconds) in arrivals) builder.Add(number, MonotonicTime.FromMilliseconds(milliseconds));
        return Next(builder);
    }

    /// <summary>The next packet of a builder.</summary>
    public static byte[] Next(TransportFeedbackBuilder builder)
    {
        var packet = new byte[TransportFeedbackBuilder.MaximumLength];
        return packet[..builder.Build(packet, 1, 2, MonotonicTime.Zero)];
    }

    /// <summary>A packet by hand.</summary>
    public static byte[] Raw(ushort baseNumber, ushort count, int referenceTime, ushort[] chunks, params byte[] deltas)
    {
        var length = (20 + (chunks.Length * 2) + deltas.Length + 3) & ~3;
        var packet = new byte[length];
        (packet[0], packet[1]) = (0x8F, 205);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)((length / 4) - 1));
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(12), baseNumber);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(14), count);
        BinaryPrimitives.WriteInt32BigEndian(packet.AsSpan(16), referenceTime << 8);
        for (var i = 0; i < chunks.Length; i++) BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(20 + (i * 2)), chunks[i]);
        deltas.CopyTo(packet, 20 + (chunks.Length * 2));
        return packet;
    }

    /// <summary>Nothing arrived, for up to 65,535 packets.</summary>
    public static byte[] AllLost(ushort baseNumber, ushort count)
    {
        var chunks = new List<ushort>();
        for (int rest = count; rest > 0; rest -= 0x1FFF) chunks.Add((ushort)Math.Min(rest, 0x1FFF));
        return Raw(baseNumber, count, 0, [.. chunks]);
    }

    /// <summary>Reads it as the node does.</summary>
    public static TransportFeedbackView Parse(byte[] packet)
    {
        Assert.True(new RtcpReader(packet).TryRead(out var view, out _));
        Assert.Equal(DropReason.None, TransportFeedbackView.TryParse(view, out var feedback));
        return feedback;
    }
}
