using System.Collections.Immutable;
using Broadcast.Rtc;
using Broadcast.Trees.Cluster;
using Broadcast.Trees.Control;

namespace Broadcast.Trees.Tests.Model;

/// <summary>A node's link to a parent or standby, as it last heard of it.</summary>
internal sealed class UpLink(NodeId peer, MonotonicTime askedAt)
{
    public NodeId Peer { get; } = peer;

    public LinkMode Mode { get; set; }

    /// <summary>When the present mode was asked for.</summary>
    public MonotonicTime AskedAt { get; set; } = askedAt;

    /// <summary>When anything came last; null before the first frame.</summary>
    public MonotonicTime? HeardAt { get; set; }

    public LinkFrame Frame { get; set; } = new(StreamEpoch.None, false, LinkMode.Warm, ImmutableArray<NodeId>.Empty);

    /// <summary>Since when the peer lives but has nothing to give; null while it has, or is silent.</summary>
    public MonotonicTime? DrySince { get; set; }

    public bool IsAlive(MonotonicTime now, TimeSpan silence) => HeardAt is { } heard && now - heard < silence;
}
