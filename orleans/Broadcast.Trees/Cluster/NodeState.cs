namespace Broadcast.Trees.Cluster;

/// <summary>What the membership says of a node.</summary>
public enum NodeState
{
    /// <summary>Can take work.</summary>
    Up,

    /// <summary>Works on, takes nothing new, gives up what it has.</summary>
    Draining,

    /// <summary>Does not answer some others. Gets nothing new; nothing is taken from it, for most suspects come back.</summary>
    Suspect,

    /// <summary>Declared dead.</summary>
    Gone,
}
