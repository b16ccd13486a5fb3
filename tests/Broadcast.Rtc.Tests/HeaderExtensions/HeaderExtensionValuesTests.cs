using Broadcast.Rtc.HeaderExtensions;
using Broadcast.Rtc.Rtp;
using CsCheck;

namespace Broadcast.Rtc.Tests.HeaderExtensions;

public class HeaderExtensionValuesTests
{
    private static readonly HeaderExtensionMap AllKinds = Maps.All(1);

    [Fact]
    public void Parse_typical_chrome_packet_gives_typed_values()
    {
        // mid "0", rid "h", transport sequence number, send time, orientation, playout delay, in Chrome's one-byte form.
        var packet = Packet(0xBEDE, "1030 2068 41ABCD 52010203 7001 82014028 000000");
        Assert.Equal(DropReason.None, RtpPacketView.TryParse(packet, out var view));
        var values = HeaderExtensionValues.Parse(view, AllKinds);

        Assert.Equal("0"u8.ToArray(), values.Mid.ToArray());
        Assert.Equal("h"u8.ToArray(), values.RtpStreamId.ToArray());
        Assert.True(values.RepairedRtpStreamId.IsEmpty);
        Assert.True(values.HasTransportSequenceNumber);
        Assert.Equal(0xABCD, values.TransportSequenceNumber);
        Assert.True(values.HasAbsoluteSendTime);
        Assert.Equal(0x010203u, values.AbsoluteSendTime);
        Assert.True(values.HasVideoOrientation);
        Assert.Equal(1, values.VideoOrientation);
        Assert.True(values.HasPlayoutDelay);
        Assert.Equal(0x014, values.PlayoutDelayMinimum);
        Assert.Equal(0x028, values.PlayoutDelayMaximum);
        Assert.False(values.HasAudioLevel);
        Assert.True(values.DependencyDescriptor.IsEmpty);
    }

    [Fact]
    public void Parse_ignores_unknown_ids_and_values_of_a_wrong_size()
    {
        var map = new HeaderExtensionMap();
        map.TryAdd(HeaderExtensionKind.TransportSequenceNumber, 4);
        map.TryAdd(HeaderExtensionKind.AudioLevel, 6);
        var packet = Packet(0xBEDE, "90FF 40AB 6185FF 0000");
        RtpPacketView.TryParse(packet, out var view);
        var values = HeaderExtensionValues.Parse(view, map);
        Assert.False(values.HasTransportSequenceNumber);
        Assert.False(values.HasAudioLevel);
        Assert.True(values.Mid.IsEmpty);
    }

    [Fact]
    public void Parse_without_extension_has_nothing()
    {
        RtpPacketView.TryParse(Hex.Bytes("80 60 0001 00000000 00000001"), out var view);
        var values = HeaderExtensionValues.Parse(view, AllKinds);
        foreach (var kind in Enum.GetValues<HeaderExtensionKind>()) Assert.False(values.Has(kind));
    }

    [Fact]
    public void Parse_random_extension_never_throws() =>
        Gen.Select(Gen.OneOf((ushort)0xBEDE, (ushort)0x1000), Gen.Byte.Array[0, 64]).Sample((profile, data) =>
        {
            var padded = new byte[(data.Length + 3) & ~3];
            data.CopyTo(padded, 0);
            RtpPacketView.TryParse(Packet(profile, Convert.ToHexString(padded)), out var view);
            var values = HeaderExtensionValues.Parse(view, AllKinds);
            return values.Has(HeaderExtensionKind.Mid) == !values.Mid.IsEmpty;
        });

    private static byte[] Packet(ushort profile, string elements)
    {
        var data = Hex.Bytes(elements);
        return [.. Hex.Bytes("90 60 0001 00000000 00000001"), (byte)(profile >> 8), (byte)profile, 0, (byte)(data.Length / 4), .. data];
    }
}
