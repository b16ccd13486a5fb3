using System.Numerics;

namespace Broadcast.Rtc.Srtp;

/// <summary>Which of the latest packet indices of one stream were received (RFC 3711 §3.3.2).</summary>
/// <remarks>A ring of bits addressed by index modulo size. <see cref="Check"/> first, <see cref="Commit"/> only after authentication.</remarks>
internal sealed class ReplayWindow
{
    private readonly ulong[] _bits;

    /// <summary>Creates an empty window over <paramref name="size"/> indices: a power of two, at least 64.</summary>
    public ReplayWindow(int size)
    {
        if (size < 64 || !BitOperations.IsPow2(size)) throw new ArgumentOutOfRangeException(nameof(size));
        _bits = new ulong[size / 64];
    }

    /// <summary>The highest index committed so far; -1 before the first.</summary>
    public long Highest { get; private set; } = -1;

    private long Size => (long)_bits.Length * 64;

    /// <summary>Whether an index is new.</summary>
    public DropReason Check(long index)
    {
        if (index > Highest) return DropReason.None;
        if (index < 0 || index <= Highest - Size) return DropReason.SrtpTooOld;
        return (Word(index) & Bit(index)) != 0 ? DropReason.SrtpReplayed : DropReason.None;
    }

    /// <summary>Marks an index that passed <see cref="Check"/> as received.</summary>
    public void Commit(long index)
    {
        if (index > Highest)
        {
            if (index - Highest >= Size) Array.Clear(_bits);
            else for (var skipped = Highest + 1; skipped < index; skipped++) Word(skipped) &= ~Bit(skipped);
            Highest = index;
        }

        Word(index) |= Bit(index);
    }

    private static ulong Bit(long index) => 1UL << (int)(index & 63);

    private ref ulong Word(long index) => ref _bits[(int)(index >> 6) & (_bits.Length - 1)];
}
