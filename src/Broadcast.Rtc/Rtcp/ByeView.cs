using System.Buffers.Binary;

namespace Broadcast.Rtc.Rtcp;

/// <summary>BYE: sources that have ended (RFC 3550 §6.6). The reason text is not read.</summary>
public readonly ref struct ByeView
{
    private readonly ReadOnlySpan<byte> _body;

    private ByeView(ReadOnlySpan<byte> body, int count)
    {
        _body = body;
        Count = count;
    }

    /// <summary>How many sources, 0 to 31.</summary>
    public int Count { get; }

    /// <summary>A source.</summary>
    /// <param name="index">0 to <see cref="Count"/> − 1.</param>
    public uint this[int index] => BinaryPrimitives.ReadUInt32BigEndian(_body[(index * 4)..]);

    /// <summary>Checks that the sources are there.</summary>
    public static DropReason TryParse(scoped in RtcpPacketView packet, out ByeView view)
    {
        view = default;
        if (packet.Kind != RtcpPacketKind.Bye || packet.Body.Length < packet.CountOrFormat * 4) return DropReason.RtcpMalformed;
        view = new ByeView(packet.Body, packet.CountOrFormat);
        return DropReason.None;
    }
}
