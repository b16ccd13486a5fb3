using Broadcast.Trees.Cluster;

namespace Broadcast.Trees.Control;

/// <summary>What a node is told to do.</summary>
public enum CommandKind
{
    /// <summary>Carry the stream: link to <see cref="RelayCommand.Parent"/>, keep <see cref="RelayCommand.Standby"/> warm.</summary>
    Attach,

    /// <summary>Change to another parent: first the new link, then the old one goes.</summary>
    Switch,

    /// <summary>Keep the parent, change the standby.</summary>
    Standby,

    /// <summary>Close all links of the stream.</summary>
    Detach,

    /// <summary>Go on as the root, in this epoch: an older writer had given out higher ones than this one knew.</summary>
    Lead,
}

/// <summary>The whole place of one node in the tree: a command says what shall be, so repeating or skipping one does no harm.</summary>
/// <param name="Node">To whom.</param>
/// <param name="Epoch">The publisher session.</param>
/// <param name="Version">A node ignores what is not above its last one of the same epoch.</param>
/// <param name="Kind">What differs from before, for people; a node goes by parent and standby.</param>
/// <param name="Parent">Who feeds it; null for <see cref="CommandKind.Detach"/>.</param>
/// <param name="Standby">Whom it keeps warm.</param>
/// <param name="Reason">Why, for operators.</param>
public sealed record RelayCommand(
    NodeId Node, StreamEpoch Epoch, long Version, CommandKind Kind, NodeId? Parent, NodeId? Standby, string Reason);
