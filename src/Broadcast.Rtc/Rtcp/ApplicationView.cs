using System.Buffers.Binary;

namespace Broadcast.Rtc.Rtcp;

/// <summary>Application-defined packet (RFC 3550 §6.7).</summary>
public readonly ref struct ApplicationView
{
    private ApplicationView(uint ssrc, uint name, ReadOnlySpan<byte> data)
    {
        Ssrc = ssrc;
        Name = name;
        Data = data;
    }

    /// <summary>Who sent it.</summary>
    public uint Ssrc { get; }

    /// <summary>Four ASCII characters, big-endian.</summary>
    public uint Name { get; }

    /// <summary>A multiple of four bytes; zeros at the end may be filling.</summary>
    public ReadOnlySpan<byte> Data { get; }

    /// <summary>Checks the length.</summary>
    public static DropReason TryParse(scoped in RtcpPacketView packet, out ApplicationView view)
    {
        view = default;
        if (packet.Kind != RtcpPacketKind.Application || packet.Body.Length < 8) return DropReason.RtcpMalformed;
        view = new ApplicationView(BinaryPrimitives.ReadUInt32BigEndian(packet.Body), BinaryPrimitives.ReadUInt32BigEndian(packet.Body[4..]), packet.Body[8..]);
        return DropReason.None;
    }
}
