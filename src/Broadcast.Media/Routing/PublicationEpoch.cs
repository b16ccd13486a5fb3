namespace Broadcast.Media.Routing;

/// <summary>One publisher session of a stream, anywhere in the cluster; the higher one wins wherever two meet.</summary>
/// <param name="Number">Rises with each session; 0 for none.</param>
/// <param name="Claim">Drawn by chance where halves of a split cluster might count alike: it decides the same way everywhere. 0 without a cluster.</param>
public readonly record struct PublicationEpoch(long Number, ulong Claim = 0) : IComparable<PublicationEpoch>
{
    /// <summary>Before the first publisher.</summary>
    public static readonly PublicationEpoch None;

    /// <inheritdoc/>
    public int CompareTo(PublicationEpoch other) => Number != other.Number ? Number.CompareTo(other.Number) : Claim.CompareTo(other.Claim);

    /// <inheritdoc/>
    public override string ToString() => Claim == 0 ? $"{Number}" : $"{Number}/{Claim:x}";

    public static bool operator <(PublicationEpoch left, PublicationEpoch right) => left.CompareTo(right) < 0;
    public static bool operator >(PublicationEpoch left, PublicationEpoch right) => left.CompareTo(right) > 0;
    public static bool operator <=(PublicationEpoch left, PublicationEpoch right) => left.CompareTo(right) <= 0;
    public static bool operator >=(PublicationEpoch left, PublicationEpoch right) => left.CompareTo(right) >= 0;
}
