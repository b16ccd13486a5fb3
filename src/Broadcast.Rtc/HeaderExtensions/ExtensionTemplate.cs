using System.Buffers.Binary;

namespace Broadcast.Rtc.HeaderExtensions;

/// <summary>The header extension block that every packet of one m-line toward one viewer carries: mid, transport sequence number, send time.</summary>
/// <remarks>
/// Built once at negotiation; per packet it is copied and two values are patched in place. Equal negotiations may share one
/// instance: it never changes. A mid that does not fit the form (over 16 bytes) makes the block two-byte.
/// </remarks>
public sealed class ExtensionTemplate
{
    private readonly byte[] _block;
    private readonly HeaderExtensionMap _map;
    private readonly int _elementsEnd;
    private readonly bool _twoByte;

    /// <summary>Lays out the block for the kinds present in <paramref name="map"/>.</summary>
    /// <param name="map">The viewer's negotiated ids.</param>
    /// <param name="mid">The m-line's identification tag, ASCII; empty to leave it out.</param>
    /// <param name="twoByte">The form, for this block and for what is appended to it.</param>
    public ExtensionTemplate(HeaderExtensionMap map, ReadOnlySpan<byte> mid, bool twoByte)
    {
        _map = map;
        _twoByte = twoByte || mid.Length > HeaderExtensionWriter.MaximumOneByteLength || HeaderExtensionWriter.NeedsTwoByteForm(map);

        Span<byte> scratch = stackalloc byte[HeaderExtensionWriter.HeadLength + 2 + byte.MaxValue + 4 + 5 + 3];
        var writer = new HeaderExtensionWriter(scratch, map, _twoByte);
        if (!mid.IsEmpty) writer.Write(HeaderExtensionKind.Mid, mid);
        TransportSequenceNumberOffset = writer.Reserve(HeaderExtensionKind.TransportSequenceNumber, 2);
        AbsoluteSendTimeOffset = writer.Reserve(HeaderExtensionKind.AbsoluteSendTime, 3);
        if (TransportSequenceNumberOffset > 0) scratch.Slice(TransportSequenceNumberOffset, 2).Clear();
        if (AbsoluteSendTimeOffset > 0) scratch.Slice(AbsoluteSendTimeOffset, 3).Clear();
        _elementsEnd = writer.Position;
        _block = scratch[..writer.Finish()].ToArray();
    }

    /// <summary>Bytes of the block with its 4-byte head; 0 when no kind was negotiated (leave the X bit clear).</summary>
    public int Length => _block.Length;

    /// <summary>Offset of the 2-byte transport sequence number from the start of the block, or −1.</summary>
    public int TransportSequenceNumberOffset { get; }

    /// <summary>Offset of the 3-byte send time from the start of the block, or −1.</summary>
    public int AbsoluteSendTimeOffset { get; }

    /// <summary>Copies the block with zeroed values.</summary>
    /// <param name="destination">At least <see cref="Length"/> bytes.</param>
    /// <returns><see cref="Length"/>.</returns>
    public int CopyTo(Span<byte> destination)
    {
        _block.CopyTo(destination);
        return _block.Length;
    }

    /// <summary>Copies the block and returns a writer that appends after it. The offsets stay valid. End with <see cref="HeaderExtensionWriter.Finish"/>.</summary>
    /// <param name="destination">At least <see cref="Length"/> and 4 bytes.</param>
    public HeaderExtensionWriter Begin(Span<byte> destination)
    {
        _block.CopyTo(destination);
        return new HeaderExtensionWriter(destination, _map, _twoByte, _elementsEnd);
    }

    /// <summary>Fills in the per-packet values that were negotiated.</summary>
    /// <param name="block">The copied block, from its 4-byte head on.</param>
    /// <param name="transportSequenceNumber">The viewer transport's own counter.</param>
    /// <param name="absoluteSendTime">See <see cref="AbsoluteSendTime"/>.</param>
    public void Patch(Span<byte> block, ushort transportSequenceNumber, uint absoluteSendTime)
    {
        if (TransportSequenceNumberOffset > 0)
        {
            BinaryPrimitives.WriteUInt16BigEndian(block[TransportSequenceNumberOffset..], transportSequenceNumber);
        }

        if (AbsoluteSendTimeOffset > 0) AbsoluteSendTime.Write(block[AbsoluteSendTimeOffset..], absoluteSendTime);
    }
}
