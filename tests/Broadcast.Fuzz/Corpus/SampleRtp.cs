using System.Buffers.Binary;
using Broadcast.Rtc.HeaderExtensions;
using Broadcast.Rtc.Rtp;

namespace Broadcast.Fuzz.Corpus;

/// <summary>RTP packets of every form.</summary>
internal static class SampleRtp
{
    /// <summary>Ids 1 to 13 for the kinds in their order, all in one-byte form.</summary>
    public static HeaderExtensionMap Extensions { get; } = AllKinds();

    /// <summary>Without extension, with either form, with padding, with contributing sources, RTX, padding only.</summary>
    public static IReadOnlyList<byte[]> Packets { get; } =
    [
        Packet(default, [1, 2, 3, 4, 5], padding: 0),
        Packet(Block(twoByte: false), [0x90, 0x80, 0x81, 0x23, 0x10, 0, 0, 0x9D, 0x01, 0x2A], padding: 0),
        Packet(Block(twoByte: true), [1, 2, 3], padding: 7),
        Packet(Block(twoByte: false), [], padding: 255),
        Packet(default, [0x12, 0x34, 9, 8, 7], padding: 1),
        WithSources(),
    ];

    /// <summary>A packet with an extension block, possibly empty, that is laid behind the fixed header as it is.</summary>
    public static byte[] Packet(ReadOnlySpan<byte> extensionBlock, ReadOnlySpan<byte> payload, int padding)
    {
        var packet = new byte[RtpHeader.FixedLength + extensionBlock.Length + payload.Length + padding];
        RtpHeader.Write(packet, marker: true, 96, 65_530, 0xFFFF_0000, 0x1234_5678, !extensionBlock.IsEmpty, padding > 0);
        extensionBlock.CopyTo(packet.AsSpan(RtpHeader.FixedLength));
        payload.CopyTo(packet.AsSpan(RtpHeader.FixedLength + extensionBlock.Length));
        if (padding > 0) RtpHeader.WritePadding(packet.AsSpan(packet.Length - padding));
        return packet;
    }

    private static byte[] WithSources()
    {
        var plain = Packet(default, [1, 2, 3, 4], padding: 0);
        byte[] packet = [.. plain[..12], .. new byte[15 * 4], .. plain[12..]];
        packet[0] |= 15;
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(12), 0x0A0B0C0D);
        return packet;
    }

    private static byte[] Block(bool twoByte)
    {
        var buffer = new byte[256];
        var writer = new HeaderExtensionWriter(buffer, Extensions, twoByte);
        writer.Write(HeaderExtensionKind.Mid, "0"u8);
        writer.Write(HeaderExtensionKind.RtpStreamId, "high"u8);
        writer.Write(HeaderExtensionKind.TransportSequenceNumber, [0xFF, 0xFE]);
        writer.Write(HeaderExtensionKind.AbsoluteSendTime, [1, 2, 3]);
        writer.Write(HeaderExtensionKind.AudioLevel, [0x85]);
        writer.Write(HeaderExtensionKind.VideoOrientation, [1]);
        writer.Write(HeaderExtensionKind.PlayoutDelay, [0, 0x10, 0x02]);
        writer.Write(HeaderExtensionKind.AbsoluteCaptureTime, [1, 2, 3, 4, 5, 6, 7, 8]);
        writer.Write(HeaderExtensionKind.VideoLayersAllocation, [0x01, 0x40, 0x64, 0xC8, 0x01]);
        writer.Write(HeaderExtensionKind.DependencyDescriptor, twoByte ? [0x80, 0, 1, 0x80, 0x81, 0x40, 0x05, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xAA, 0xBB] : [0x80, 0, 1, 0x80]);
        writer.Write(HeaderExtensionKind.ColorSpace, [1, 1, 1, 0]);
        writer.Write(HeaderExtensionKind.VideoContentType, [1]);
        return buffer[..writer.Finish()];
    }

    private static HeaderExtensionMap AllKinds()
    {
        var map = new HeaderExtensionMap { AllowMixed = true };
        for (var kind = 0; kind < HeaderExtensionMap.KindCount; kind++) map.TryAdd((HeaderExtensionKind)kind, (byte)(kind + 1));
        return map;
    }
}
