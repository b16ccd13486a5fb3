using System.Buffers.Binary;
using Broadcast.Rtc.Rtp;

namespace Broadcast.Rtc.HeaderExtensions;

/// <summary>What the header extensions of one received packet said, by kind and free of negotiated ids.</summary>
/// <remarks>
/// Spans point into the packet. Elements of a wrong size and ids that were not negotiated are ignored, as RFC 8285 §4.1.1
/// demands; of a repeated element the last counts.
/// </remarks>
public ref struct HeaderExtensionValues
{
    private ushort _present;

    /// <summary>Identification tag of the m-line (RFC 9143), ASCII; empty when absent.</summary>
    public ReadOnlySpan<byte> Mid { get; private set; }

    /// <summary>RID (RFC 8852), ASCII; empty when absent.</summary>
    public ReadOnlySpan<byte> RtpStreamId { get; private set; }

    /// <summary>RID of the stream that this retransmission stream repairs (RFC 8852), ASCII; empty when absent.</summary>
    public ReadOnlySpan<byte> RepairedRtpStreamId { get; private set; }

    /// <summary>At least 3 bytes, see <see cref="DependencyDescriptorView"/>; empty when absent.</summary>
    public ReadOnlySpan<byte> DependencyDescriptor { get; private set; }

    /// <summary>See <see cref="HeaderExtensions.VideoLayersAllocation"/>; empty when absent.</summary>
    public ReadOnlySpan<byte> VideoLayersAllocation { get; private set; }

    /// <summary>4 or 28 bytes; empty when absent.</summary>
    public ReadOnlySpan<byte> ColorSpace { get; private set; }

    /// <summary>8 bytes (NTP capture time) or 16 (followed by a clock offset); empty when absent.</summary>
    public ReadOnlySpan<byte> AbsoluteCaptureTime { get; private set; }

    /// <summary>Transport-wide sequence number; meaningful only when <see cref="HasTransportSequenceNumber"/>.</summary>
    public ushort TransportSequenceNumber { get; private set; }

    /// <summary>24 bits of 6.18 fixed-point seconds; meaningful only when <see cref="HasAbsoluteSendTime"/>.</summary>
    public uint AbsoluteSendTime { get; private set; }

    /// <summary>Smallest playout delay in units of 10 ms, 0 to 4095; meaningful only when <see cref="HasPlayoutDelay"/>.</summary>
    public ushort PlayoutDelayMinimum { get; private set; }

    /// <summary>Largest playout delay in units of 10 ms, 0 to 4095; meaningful only when <see cref="HasPlayoutDelay"/>.</summary>
    public ushort PlayoutDelayMaximum { get; private set; }

    /// <summary>The whole octet of RFC 6464: voice activity in bit 7, −dBov (0 loudest, 127 silence) below.</summary>
    public byte AudioLevel { get; private set; }

    /// <summary>Camera, flip and rotation bits of 3GPP TS 26.114 §7.4.5.</summary>
    public byte VideoOrientation { get; private set; }

    /// <summary>0 unspecified, 1 screen share.</summary>
    public byte VideoContentType { get; private set; }

    /// <summary>True when <see cref="TransportSequenceNumber"/> was carried.</summary>
    public readonly bool HasTransportSequenceNumber => Has(HeaderExtensionKind.TransportSequenceNumber);

    /// <summary>True when <see cref="AbsoluteSendTime"/> was carried.</summary>
    public readonly bool HasAbsoluteSendTime => Has(HeaderExtensionKind.AbsoluteSendTime);

    /// <summary>True when the playout delay limits were carried.</summary>
    public readonly bool HasPlayoutDelay => Has(HeaderExtensionKind.PlayoutDelay);

    /// <summary>True when <see cref="AudioLevel"/> was carried.</summary>
    public readonly bool HasAudioLevel => Has(HeaderExtensionKind.AudioLevel);

    /// <summary>True when <see cref="VideoOrientation"/> was carried.</summary>
    public readonly bool HasVideoOrientation => Has(HeaderExtensionKind.VideoOrientation);

    /// <summary>True when <see cref="VideoContentType"/> was carried.</summary>
    public readonly bool HasVideoContentType => Has(HeaderExtensionKind.VideoContentType);

    /// <summary>True when a well-formed value of this kind was carried.</summary>
    public readonly bool Has(HeaderExtensionKind kind) => (_present & (1 << (int)kind)) != 0;

    /// <summary>Reads the extension block of a packet through the sender's negotiated ids.</summary>
    public static HeaderExtensionValues Parse(scoped in RtpPacketView packet, HeaderExtensionMap map)
    {
        var values = default(HeaderExtensionValues);
        if (!packet.HasExtension) return values;

        var reader = new HeaderExtensionReader(packet.ExtensionProfile, packet.ExtensionData);
        while (reader.TryRead(out var id, out var value))
        {
            if (map.TryKindOf(id, out var kind)) values.Set(kind, value);
        }

        return values;
    }

    /// <summary>Stores one value by kind; a value of a size the kind does not have is ignored.</summary>
    public void Set(HeaderExtensionKind kind, ReadOnlySpan<byte> value)
    {
        if (!IsValidLength(kind, value.Length)) return;
        _present |= (ushort)(1 << (int)kind);
        switch (kind)
        {
            case HeaderExtensionKind.Mid: Mid = value; break;
            case HeaderExtensionKind.RtpStreamId: RtpStreamId = value; break;
            case HeaderExtensionKind.RepairedRtpStreamId: RepairedRtpStreamId = value; break;
            case HeaderExtensionKind.TransportSequenceNumber: TransportSequenceNumber = BinaryPrimitives.ReadUInt16BigEndian(value); break;
            case HeaderExtensionKind.AbsoluteSendTime: AbsoluteSendTime = ReadUInt24(value); break;
            case HeaderExtensionKind.AudioLevel: AudioLevel = value[0]; break;
            case HeaderExtensionKind.VideoOrientation: VideoOrientation = value[0]; break;
            case HeaderExtensionKind.PlayoutDelay:
                var limits = ReadUInt24(value);
                PlayoutDelayMinimum = (ushort)(limits >> 12);
                PlayoutDelayMaximum = (ushort)(limits & 0xFFF);
                break;
            case HeaderExtensionKind.AbsoluteCaptureTime: AbsoluteCaptureTime = value; break;
            case HeaderExtensionKind.VideoLayersAllocation: VideoLayersAllocation = value; break;
            case HeaderExtensionKind.DependencyDescriptor: DependencyDescriptor = value; break;
            case HeaderExtensionKind.ColorSpace: ColorSpace = value; break;
            case HeaderExtensionKind.VideoContentType: VideoContentType = value[0]; break;
        }
    }

    private static bool IsValidLength(HeaderExtensionKind kind, int length) => kind switch
    {
        HeaderExtensionKind.TransportSequenceNumber => length == 2,
        HeaderExtensionKind.AbsoluteSendTime or HeaderExtensionKind.PlayoutDelay => length == 3,
        HeaderExtensionKind.AudioLevel or HeaderExtensionKind.VideoOrientation or HeaderExtensionKind.VideoContentType => length == 1,
        HeaderExtensionKind.AbsoluteCaptureTime => length is 8 or 16,
        HeaderExtensionKind.DependencyDescriptor => length >= DependencyDescriptorView.MandatoryLength,
        HeaderExtensionKind.ColorSpace => length is 4 or 28,
        _ => length > 0,
    };

    private static uint ReadUInt24(ReadOnlySpan<byte> value) => ((uint)value[0] << 16) | ((uint)value[1] << 8) | value[2];
}
