namespace Broadcast.Rtc.HeaderExtensions;

/// <summary>Walks the elements of an RTP header extension block in one-byte (0xBEDE) or two-byte (0x100x) form (RFC 8285 §4).</summary>
/// <remarks>
/// Padding is skipped. An element that runs past the end, id 15 in one-byte form, and a padding id with a length end the
/// walk; what came before stays valid (§4.2). Other profiles have no elements.
/// </remarks>
public ref struct HeaderExtensionReader
{
    /// <summary>"Defined by profile" of the one-byte form.</summary>
    public const ushort OneByteProfile = 0xBEDE;

    /// <summary>"Defined by profile" of the two-byte form; the low four bits are free for the application.</summary>
    public const ushort TwoByteProfile = 0x1000;

    private ReadOnlySpan<byte> _rest;
    private readonly bool _twoByte;

    /// <summary>Starts at the first element.</summary>
    /// <param name="profile">The block's first 16 bits.</param>
    /// <param name="data">The block without its 4-byte head.</param>
    public HeaderExtensionReader(ushort profile, ReadOnlySpan<byte> data)
    {
        _twoByte = (profile & 0xFFF0) == TwoByteProfile;
        _rest = _twoByte || profile == OneByteProfile ? data : default;
    }

    /// <summary>Reads the next element.</summary>
    /// <param name="id">1 to 14 in one-byte form, 1 to 255 in two-byte form.</param>
    /// <param name="value">1 to 16 bytes in one-byte form, 0 to 255 in two-byte form.</param>
    /// <returns>False at the end.</returns>
    public bool TryRead(out byte id, out ReadOnlySpan<byte> value)
    {
        while (!_rest.IsEmpty)
        {
            var first = _rest[0];
            if (first == 0)
            {
                _rest = _rest[1..];
                continue;
            }

            int start, length;
            if (_twoByte)
            {
                id = first;
                start = 2;
                length = _rest.Length > 1 ? _rest[1] : int.MaxValue - start;
            }
            else
            {
                id = (byte)(first >> 4);
                if (id is 0 or 15) break;
                start = 1;
                length = (first & 0x0F) + 1;
            }

            if (start + length > _rest.Length) break;
            value = _rest.Slice(start, length);
            _rest = _rest[(start + length)..];
            return true;
        }

        _rest = default;
        id = 0;
        value = default;
        return false;
    }
}
