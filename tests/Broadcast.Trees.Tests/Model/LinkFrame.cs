using System.Collections.Immutable;
using Broadcast.Trees.Cluster;
using Broadcast.Trees.Control;

namespace Broadcast.Trees.Tests.Model;

/// <summary>What a parent tells each child and each one it stands by for, every <see cref="Timeouts.LinkFrame"/>.</summary>
/// <param name="Epoch">The publisher session it carries.</param>
/// <param name="IsRooted">Its own way up is alive to the publisher.</param>
/// <param name="Mode">What the sender believes this link carries.</param>
/// <param name="Path">From the root to the sender, which is last. Who finds itself here would be its own ancestor.</param>
public sealed record LinkFrame(StreamEpoch Epoch, bool IsRooted, LinkMode Mode, ImmutableArray<NodeId> Path);

/// <summary>What a link carries.</summary>
public enum LinkMode
{
    /// <summary>Frames only; ready to carry media.</summary>
    Warm,

    /// <summary>The stream.</summary>
    Media,
}

/// <summary>The answer to a node that wants to be fed.</summary>
public enum LinkAnswer
{
    Accepted,

    /// <summary>All places or the uplink are taken.</summary>
    Full,

    /// <summary>The stream is not here and not on its way here.</summary>
    NotCarried,

    /// <summary>Whoever asks is above.</summary>
    Loop,
}
