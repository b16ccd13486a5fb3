using System.Buffers.Binary;

namespace Broadcast.Rtc.HeaderExtensions;

/// <summary>The mandatory part of the AV1 dependency descriptor and the flags behind it (AV1 RTP specification, Appendix A.8.2–A.8.3).</summary>
/// <remarks>
/// <code>
/// | start(1) end(1) template id(6) | frame number(16) |            mandatory
/// | structure(1) active targets(1) custom dtis, fdiffs, chains(3) | extended, when longer than 3 bytes
/// </code>
/// The template structure itself is not decoded here.
/// </remarks>
public readonly ref struct DependencyDescriptorView
{
    /// <summary>Bytes of the mandatory part.</summary>
    public const int MandatoryLength = 3;

    private readonly ReadOnlySpan<byte> _data;

    private DependencyDescriptorView(ReadOnlySpan<byte> data) => _data = data;

    /// <summary>This is the first packet of the frame.</summary>
    public bool StartOfFrame => (_data[0] & 0x80) != 0;

    /// <summary>This is the last packet of the frame.</summary>
    public bool EndOfFrame => (_data[0] & 0x40) != 0;

    /// <summary>Which template of the structure describes the frame, offset by the structure's own id; 0 to 63.</summary>
    public int TemplateId => _data[0] & 0x3F;

    /// <summary>Increases by one per frame in decode order, modulo 2^16.</summary>
    public ushort FrameNumber => BinaryPrimitives.ReadUInt16BigEndian(_data[1..]);

    /// <summary>The template structure is attached: libwebrtc takes this for the first packet of a keyframe.</summary>
    public bool HasTemplateStructure => Extended(0x80);

    /// <summary>The set of active decode targets is attached (always so with a structure, whether flagged or not).</summary>
    public bool HasActiveDecodeTargets => Extended(0x40);

    /// <summary>Reads the descriptor.</summary>
    /// <returns><see cref="DropReason.PayloadTruncated"/> when shorter than the mandatory part.</returns>
    public static DropReason TryParse(ReadOnlySpan<byte> data, out DependencyDescriptorView view)
    {
        view = new DependencyDescriptorView(data);
        if (data.Length >= MandatoryLength) return DropReason.None;
        view = default;
        return DropReason.PayloadTruncated;
    }

    private bool Extended(int flag) => _data.Length > MandatoryLength && (_data[MandatoryLength] & flag) != 0;
}
