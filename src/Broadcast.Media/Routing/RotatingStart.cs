namespace Broadcast.Media.Routing;

/// <summary>Where each round over a list begins, so that every entry comes first equally often.</summary>
/// <remarks>
/// Multiples of the golden ratio, modulo 1, fill the circle evenly, and so does every n-th of them. A step of one entry
/// would not do: with as many viewers as there are bursts between keyframes, the same viewer would begin every keyframe.
/// It knows nothing of the entries, so these may come and go between rounds.
/// </remarks>
internal struct RotatingStart
{
    private const uint GoldenRatio = 0x9E37_79B9; // of 2^32

    private uint _turn;

    /// <summary>The index at which the next round over <paramref name="count"/> entries begins; 0 for none.</summary>
    public int Next(int count)
    {
        _turn += GoldenRatio;
        return (int)(((ulong)_turn * (uint)count) >> 32);
    }
}
