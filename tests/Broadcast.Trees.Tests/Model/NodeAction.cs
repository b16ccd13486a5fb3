using Broadcast.Trees.Cluster;
using Broadcast.Trees.Control;

namespace Broadcast.Trees.Tests.Model;

/// <summary>What the shell of a node does for its <see cref="NodeControl"/>.</summary>
public abstract record NodeAction
{
    private NodeAction()
    {
    }

    /// <summary>
    /// Ask <paramref name="Peer"/> for the stream, or change what an existing link carries. With media: from the first packet that
    /// is missing here; the peer fills the hole from its cache.
    /// </summary>
    public sealed record Ask(NodeId Peer, LinkMode Mode, StreamEpoch Epoch) : NodeAction;

    /// <summary>End the link to a parent, a standby or a silent child.</summary>
    public sealed record Close(NodeId Peer) : NodeAction;

    /// <summary>The publisher is elsewhere now: end the session here, so that it does not go on unheard.</summary>
    public sealed record EndPublication(StreamEpoch Epoch) : NodeAction;

    /// <summary>Tell the stream's writer.</summary>
    public sealed record Send(NodeReport Report) : NodeAction;
}
