namespace Broadcast.Trees;

/// <summary>One publisher session of a stream. The higher one wins wherever two meet.</summary>
/// <remarks>
/// <paramref name="Number"/> comes from the stream's stored state and rises with each claim. Two writers cut off from each
/// other and from the store can reach the same number; <paramref name="Claim"/>, drawn by chance for each claim, then decides
/// the same way everywhere.
/// </remarks>
public readonly record struct StreamEpoch(long Number, ulong Claim) : IComparable<StreamEpoch>
{
    /// <summary>Before the first publisher.</summary>
    public static readonly StreamEpoch None;

    /// <inheritdoc/>
    public int CompareTo(StreamEpoch other) => Number != other.Number ? Number.CompareTo(other.Number) : Claim.CompareTo(other.Claim);

    /// <inheritdoc/>
    public override string ToString() => $"{Number}/{Claim:x}";

    public static bool operator <(StreamEpoch a, StreamEpoch b) => a.CompareTo(b) < 0;
    public static bool operator >(StreamEpoch a, StreamEpoch b) => a.CompareTo(b) > 0;
    public static bool operator <=(StreamEpoch a, StreamEpoch b) => a.CompareTo(b) <= 0;
    public static bool operator >=(StreamEpoch a, StreamEpoch b) => a.CompareTo(b) >= 0;
}
