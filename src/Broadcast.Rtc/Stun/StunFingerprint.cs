namespace Broadcast.Rtc.Stun;

/// <summary>FINGERPRINT: CRC-32 of ITU V.42 XOR "STUN" (RFC 8489 §14.7).</summary>
internal static class StunFingerprint
{
    private const uint Polynomial = 0xEDB88320;
    private const uint XorMask = 0x5354554E;

    private static readonly uint[] Table = BuildTable();

    /// <summary>The attribute's value for the bytes in front of it.</summary>
    /// <param name="message">Header and attributes before FINGERPRINT; the length field counts FINGERPRINT already.</param>
    public static uint Compute(ReadOnlySpan<byte> message)
    {
        var table = Table;
        var crc = uint.MaxValue;
        foreach (var b in message) crc = (crc >> 8) ^ table[(byte)(crc ^ b)];
        return ~crc ^ XorMask;
    }

    private static uint[] BuildTable()
    {
        var table = new uint[256];
        for (uint i = 0; i < table.Length; i++)
        {
            var value = i;
            for (var bit = 0; bit < 8; bit++) value = (value & 1) != 0 ? (value >> 1) ^ Polynomial : value >> 1;
            table[i] = value;
        }

        return table;
    }
}
