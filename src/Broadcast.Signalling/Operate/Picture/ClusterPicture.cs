namespace Broadcast.Signalling.Operate.Picture;

/// <summary>All that a page shows of the cluster at one moment. Immutable; shared by all pages.</summary>
/// <param name="Number">Rises with each picture.</param>
/// <param name="At">When it was made.</param>
/// <param name="Tables">In a fixed order, for the whole cluster that of <see cref="ClusterTable"/>.</param>
public sealed record ClusterPicture(long Number, DateTimeOffset At, IReadOnlyList<Table> Tables);

/// <summary>The tables of the cluster's picture, in their order.</summary>
public enum ClusterTable
{
    /// <summary>One row, "all": see <see cref="PictureMaker"/> for the columns of each.</summary>
    Totals,

    /// <summary>The nodes.</summary>
    Nodes,

    /// <summary>Pairs of nodes of which one feeds the other, or stands by to.</summary>
    Links,

    /// <summary>The streams.</summary>
    Streams,

    /// <summary>What happened last.</summary>
    Events,
}
