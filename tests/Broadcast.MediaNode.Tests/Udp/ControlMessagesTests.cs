using System.Net;
using System.Runtime.InteropServices;
using Broadcast.MediaNode.Udp;
using Broadcast.Rtc;
using CsCheck;

namespace Broadcast.MediaNode.Tests.Udp;

/// <summary>Layout of RFC 3542 §20.2–20.3 as Linux has it on 64-bit machines.</summary>
public class ControlMessagesTests
{
    private static byte[] Message(int level, int type, byte[] data)
    {
        var message = new byte[(16 + data.Length + 7) & ~7];
        MemoryMarshal.Write(message, 16UL + (ulong)data.Length);
        MemoryMarshal.Write(message.AsSpan(8), level);
        MemoryMarshal.Write(message.AsSpan(12), type);
        data.CopyTo(message, 16);
        return message;
    }

    private static byte[] PacketInfo(string address, int interfaceIndex) =>
        [.. IPAddress.Parse(address).MapToIPv6().GetAddressBytes(), .. BitConverter.GetBytes(interfaceIndex)];

    private static byte[] All() =>
    [
        .. Message(41, 50, PacketInfo("2001:db8::5", 3)),
        .. Message(1, 35, [.. BitConverter.GetBytes(1_700_000_000L), .. BitConverter.GetBytes(123_456_789L)]),
        .. Message(17, 104, BitConverter.GetBytes(1200)),
    ];

    [Fact]
    public void Parse_AllThree()
    {
        var parsed = ControlMessages.Parse(All(), 8181);
        Assert.Equal(new TransportAddress(IPEndPoint.Parse("[2001:db8::5]:8181")), parsed.Local);
        Assert.Equal(1_700_000_000_123_456_789, parsed.RealtimeNanoseconds);
        Assert.Equal(1200, parsed.SegmentLength);
    }

    [Fact]
    public void Parse_LinkLocal_KeepsTheInterface()
    {
        var parsed = ControlMessages.Parse(Message(41, 50, PacketInfo("fe80::1", 3)), 1);
        Assert.Equal(3u, parsed.Local.ScopeId);
    }

    [Fact]
    public void Parse_IPv4PacketInfo_TakesTheHeaderDestination()
    {
        byte[] info = [2, 0, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2];
        Assert.Equal(new TransportAddress(IPEndPoint.Parse("10.0.0.2:9")), ControlMessages.Parse(Message(0, 8, info), 9).Local);
    }

    [Fact]
    public void Parse_UnknownMessage_IsSkipped()
    {
        byte[] control = [.. Message(99, 1, new byte[5]), .. Message(17, 104, BitConverter.GetBytes(700))];
        Assert.Equal(700, ControlMessages.Parse(control, 1).SegmentLength);
    }

    [Fact]
    public void Parse_EveryTruncation_TakesOnlyWholeMessages()
    {
        var all = All();
        for (var length = 0; length < all.Length; length++)
        {
            var parsed = ControlMessages.Parse(all.AsSpan(0, length), 1);
            Assert.Equal(length < 36, parsed.Local.IsNone);
            Assert.Equal(length < 72, parsed.RealtimeNanoseconds == 0);
            Assert.Equal(length < 92, parsed.SegmentLength == 0);
        }
    }

    [Fact]
    public void Parse_RandomBytes_NeverThrows() =>
        Gen.Byte.Array[0, 200].Sample(bytes => { _ = ControlMessages.Parse(bytes, 1).SegmentLength; });

    [Fact]
    public void Parse_RandomLengthFields_NeverThrows() =>
        Gen.Select(Gen.ULong, Gen.Byte.Array[16, 100]).Sample((length, bytes) =>
        {
            MemoryMarshal.Write(bytes, length);
            Assert.True(ControlMessages.Parse(bytes, 1).SegmentLength >= 0);
        });
}
