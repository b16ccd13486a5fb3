namespace Broadcast.RelayPlane;

/// <summary>When a command about a stream was decided: the publisher session, then the version of the tree within it.</summary>
/// <param name="Epoch">Rises with every claim of the stream by a publisher.</param>
/// <param name="Claim">Drawn by chance for the claim; decides between two that were made with the same epoch in halves of a split cluster.</param>
/// <param name="Version">Rises with every change of the stream's tree.</param>
public readonly record struct StreamStamp(long Epoch, ulong Claim, long Version) : IComparable<StreamStamp>
{
    /// <inheritdoc />
    public int CompareTo(StreamStamp other) =>
        Epoch != other.Epoch ? Epoch.CompareTo(other.Epoch) : Claim != other.Claim ? Claim.CompareTo(other.Claim) : Version.CompareTo(other.Version);

    /// <summary>True when <paramref name="left"/> was decided before <paramref name="right"/>.</summary>
    public static bool operator <(StreamStamp left, StreamStamp right) => left.CompareTo(right) < 0;

    /// <summary>True when <paramref name="left"/> was decided after <paramref name="right"/>.</summary>
    public static bool operator >(StreamStamp left, StreamStamp right) => left.CompareTo(right) > 0;

    /// <summary>True when <paramref name="left"/> was not decided after <paramref name="right"/>.</summary>
    public static bool operator <=(StreamStamp left, StreamStamp right) => left.CompareTo(right) <= 0;

    /// <summary>True when <paramref name="left"/> was not decided before <paramref name="right"/>.</summary>
    public static bool operator >=(StreamStamp left, StreamStamp right) => left.CompareTo(right) >= 0;
}
