using System.Buffers.Binary;

namespace Broadcast.Rtc.Payloads;

/// <summary>The picture id in a descriptor of VP8 (RFC 7741 §4.2) or VP9 (RFC 9628 §4.2), which write it alike.</summary>
/// <param name="Value">7 or 15 bits.</param>
/// <param name="IsLong">M: 15 bits in two bytes.</param>
/// <param name="Offset">From the start of the payload; 0 when there is no picture id.</param>
internal readonly record struct PictureIdField(ushort Value, bool IsLong, byte Offset)
{
    /// <summary>Bytes on the wire.</summary>
    public int Length => IsLong ? 2 : 1;

    /// <summary>Reads the field that begins at <paramref name="offset"/>.</summary>
    /// <returns>False when it does not fit the payload.</returns>
    public static bool TryRead(ReadOnlySpan<byte> payload, int offset, out PictureIdField field)
    {
        field = default;
        if (payload.Length <= offset) return false;
        int first = payload[offset];
        if ((first & 0x80) == 0)
        {
            field = new PictureIdField((ushort)first, IsLong: false, (byte)offset);
            return true;
        }

        if (payload.Length <= offset + 1) return false;
        field = new PictureIdField((ushort)(((first & 0x7F) << 8) | payload[offset + 1]), IsLong: true, (byte)offset);
        return true;
    }

    /// <summary>Overwrites a field in the width it has; does nothing when <paramref name="offset"/> is 0.</summary>
    public static void Patch(Span<byte> payload, int offset, bool isLong, ushort pictureId)
    {
        if (offset == 0) return;
        if (isLong) BinaryPrimitives.WriteUInt16BigEndian(payload[offset..], (ushort)(pictureId | 0x8000));
        else payload[offset] = (byte)(pictureId & 0x7F);
    }
}
