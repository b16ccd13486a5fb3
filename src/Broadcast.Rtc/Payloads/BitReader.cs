using System.Numerics;

namespace Broadcast.Rtc.Payloads;

/// <summary>Reads bits, most significant first. Past the end it gives zeros and remembers that it did.</summary>
/// <remarks>With emulation prevention the third byte of 00 00 03 is skipped (ITU-T H.264 §7.4.1, H.265 §7.4.2).</remarks>
internal ref struct BitReader
{
    private readonly ReadOnlySpan<byte> _data;
    private readonly bool _emulationPrevention;
    private int _position;
    private int _zeros;
    private int _bitsLeft;
    private byte _current;

    public BitReader(ReadOnlySpan<byte> data, bool emulationPrevention)
    {
        _data = data;
        _emulationPrevention = emulationPrevention;
    }

    /// <summary>True once more was read than there was, or a number was too long to be one.</summary>
    public bool IsExhausted { get; private set; }

    /// <summary>Bits read so far, those of skipped bytes included.</summary>
    public readonly int Position => (_position * 8) - _bitsLeft;

    public bool ReadFlag() => ReadBit() != 0;

    /// <summary>An unsigned number of 0 to 32 bits.</summary>
    public uint Read(int bits)
    {
        uint value = 0;
        for (; bits > 0; bits--) value = (value << 1) | ReadBit();
        return value;
    }

    public void Skip(int bits)
    {
        for (; bits > 0 && !IsExhausted; bits--) ReadBit();
    }

    /// <summary>ue(v), H.264 §9.1: as many zeros as bits follow the first one. Also uvlc() of AV1.</summary>
    public uint ReadExponentialGolomb()
    {
        var zeros = 0;
        while (ReadBit() == 0)
        {
            if (++zeros < 32 && !IsExhausted) continue;
            IsExhausted = true;
            return 0;
        }

        return (uint)((1ul << zeros) - 1 + Read(zeros));
    }

    /// <summary>se(v), H.264 §9.1.1: 1, −1, 2, −2 …</summary>
    public int ReadSignedExponentialGolomb()
    {
        var code = (long)ReadExponentialGolomb();
        return (int)((code & 1) != 0 ? (code + 1) / 2 : -(code / 2));
    }

    /// <summary>ns(n) of AV1 (§4.10.7): a number below <paramref name="limit"/> in as few bits as that takes.</summary>
    /// <param name="limit">1 or more.</param>
    public int ReadNonSymmetric(int limit)
    {
        var width = BitOperations.Log2((uint)limit) + 1;
        var shortValues = (1 << width) - limit;
        var value = (int)Read(width - 1);
        return value < shortValues ? value : (value << 1) - shortValues + (int)ReadBit();
    }

    private uint ReadBit()
    {
        if (_bitsLeft == 0 && !LoadByte())
        {
            IsExhausted = true;
            return 0;
        }

        _bitsLeft--;
        return (uint)(_current >> _bitsLeft) & 1;
    }

    private bool LoadByte()
    {
        if (_emulationPrevention && _zeros >= 2 && _position < _data.Length && _data[_position] == 3)
        {
            _position++;
            _zeros = 0;
        }

        if (_position >= _data.Length) return false;
        _current = _data[_position++];
        _zeros = _current == 0 ? _zeros + 1 : 0;
        _bitsLeft = 8;
        return true;
    }
}
