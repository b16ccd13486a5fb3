using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Broadcast.Rtc;

namespace Broadcast.MediaNode.Udp;

/// <summary>What the kernel says beside a received message (<c>cmsg</c>, RFC 3542 §4).</summary>
internal ref struct ControlMessages
{
    private const int HeaderLength = 16;

    /// <summary>The address the message was sent to; none when the kernel did not say.</summary>
    public TransportAddress Local;

    /// <summary>Kernel receive time in nanoseconds since 1970; 0 when absent.</summary>
    public long RealtimeNanoseconds;

    /// <summary>Length of each coalesced datagram but the last; 0 when the message is one datagram.</summary>
    public int SegmentLength;

    /// <summary>Parses a control buffer. Unknown messages are skipped; a malformed one ends the walk.</summary>
    public static ControlMessages Parse(ReadOnlySpan<byte> control, ushort localPort)
    {
        var result = default(ControlMessages);
        while (control.Length >= HeaderLength)
        {
            var length = MemoryMarshal.Read<ulong>(control);
            if (length < HeaderLength || length > (ulong)control.Length) break;
            var level = MemoryMarshal.Read<int>(control[8..]);
            var type = MemoryMarshal.Read<int>(control[12..]);
            result.Take(level, type, control[HeaderLength..(int)length], localPort);
            var aligned = ((int)length + 7) & ~7;
            if (aligned >= control.Length) break;
            control = control[aligned..];
        }

        return result;
    }

    private void Take(int level, int type, ReadOnlySpan<byte> data, ushort localPort)
    {
        switch (level, type)
        {
            case (LibcConstants.SolSocket, LibcConstants.SoTimestampNs) when data.Length >= 16:
                RealtimeNanoseconds = (MemoryMarshal.Read<long>(data) * 1_000_000_000) + MemoryMarshal.Read<long>(data[8..]);
                break;
            case (LibcConstants.SolUdp, LibcConstants.UdpGro) when data.Length >= 4:
                SegmentLength = Math.Max(0, MemoryMarshal.Read<int>(data));
                break;
            case (LibcConstants.IpProtoIpv6, LibcConstants.Ipv6PktInfo) when data.Length >= 20:
                // The interface matters to link-local addresses only; elsewhere it would make equal addresses differ.
                var linkLocal = (BinaryPrimitives.ReadUInt16BigEndian(data) & 0xFFC0) == 0xFE80;
                Local = new TransportAddress(data[..16], localPort, linkLocal ? MemoryMarshal.Read<uint>(data[16..]) : 0);
                break;
            case (LibcConstants.IpProtoIp, LibcConstants.IpPktInfo) when data.Length >= 12:
                Local = SocketName.FromIPv4(data.Slice(8, 4), localPort); // ipi_addr: the header's destination
                break;
        }
    }
}
