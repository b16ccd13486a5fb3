namespace Broadcast.Rtc.Payloads;

/// <summary>leb128() of AV1 (§4.10.5): seven bits per byte, least significant first.</summary>
internal static class Leb128
{
    /// <summary>Reads a value below 2^32.</summary>
    /// <returns>False when the data end inside it or it is larger.</returns>
    public static bool TryRead(ReadOnlySpan<byte> data, ref int position, out uint value)
    {
        ulong sum = 0;
        for (var i = 0; i < 8 && position < data.Length; i++)
        {
            var octet = data[position++];
            sum |= (ulong)(octet & 0x7F) << (7 * i);
            if ((octet & 0x80) != 0) continue;
            value = (uint)sum;
            return sum <= uint.MaxValue;
        }

        value = 0;
        return false;
    }
}
