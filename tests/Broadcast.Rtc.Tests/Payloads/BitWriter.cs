namespace Broadcast.Rtc.Tests.Payloads;

/// <summary>Writes test bitstreams, most significant bit first.</summary>
internal sealed class BitWriter
{
    private readonly List<bool> _bits = [];

    public BitWriter Write(uint value, int bits)
    {
        for (var i = bits - 1; i >= 0; i--) _bits.Add((value >> i & 1) != 0);
        return this;
    }

    /// <summary>ue(v).</summary>
    public BitWriter WriteExponentialGolomb(uint value)
    {
        var bits = 32 - System.Numerics.BitOperations.LeadingZeroCount(value + 1);
        return Write(0, bits - 1).Write(value + 1, bits);
    }

    public byte[] ToArray()
    {
        var bytes = new byte[(_bits.Count + 7) / 8];
        for (var i = 0; i < _bits.Count; i++)
        {
            if (_bits[i]) bytes[i / 8] |= (byte)(0x80 >> (i & 7));
        }

        return bytes;
    }
}
