using System.Buffers.Binary;

namespace Broadcast.Rtc.Rtcp;

/// <summary>Numbers on the wire that readers and writers share.</summary>
internal static class RtcpFormat
{
    public const int HeaderLength = 4;

    /// <summary>Sender and media SSRC of a feedback packet (RFC 4585 §6.1).</summary>
    public const int FeedbackHeadLength = 8;

    public const byte SenderReport = 200;
    public const byte ReceiverReport = 201;
    public const byte SourceDescription = 202;
    public const byte Bye = 203;
    public const byte Application = 204;
    public const byte TransportLayerFeedback = 205;
    public const byte PayloadSpecificFeedback = 206;

    public const int GenericNackFormat = 1;
    public const int TransportWideFormat = 15;
    public const int PictureLossFormat = 1;
    public const int FullIntraFormat = 4;
    public const int ApplicationLayerFormat = 15;

    /// <summary>"REMB" in ASCII.</summary>
    public const uint RembIdentifier = 0x52454D42;

    /// <summary>Largest value of the 5-bit count or format.</summary>
    public const int MaximumCount = 31;

    /// <summary>Writes the common header (RFC 3550 §6.4.1) of a packet of <paramref name="length"/> bytes, a multiple of 4.</summary>
    public static void WriteHeader(Span<byte> destination, int countOrFormat, byte packetType, int length) =>
        BinaryPrimitives.WriteUInt32BigEndian(
            destination, (2u << 30) | ((uint)countOrFormat << 24) | ((uint)packetType << 16) | (uint)((length / 4) - 1));
}
