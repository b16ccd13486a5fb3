using Orleans.Placement;
using Orleans.Runtime;
using Orleans.Runtime.Placement;

namespace Broadcast.Grains.Placement;

/// <summary>Places a grain on the silo of the node that its key begins with ("node" or "node/anything"), and nowhere else.</summary>
[Serializable, GenerateSerializer, Immutable, SuppressReferenceTracking]
[Alias("broadcast.node-placement")]
internal sealed class NodePlacement : PlacementStrategy
{
    public static readonly NodePlacement Instance = new();
}

/// <summary>See <see cref="NodePlacement"/>.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class NodePlacementAttribute() : PlacementAttribute(NodePlacement.Instance);

/// <summary>Finds the silo by its name, which is its node's; after a restart two generations may be listed, and the younger is the node.</summary>
internal sealed class NodePlacementDirector(IClusterMembershipService membership) : IPlacementDirector
{
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var node = NodeOf(target.GrainIdentity.Key.ToString()!);
        SiloAddress? found = null;
        foreach (var member in membership.CurrentSnapshot.Members.Values)
        {
            if (member.Status is not SiloStatus.Active || member.Name != node) continue;
            if (found is null || member.SiloAddress.Generation > found.Generation) found = member.SiloAddress;
        }

        return found is not null && context.GetCompatibleSilos(target).Contains(found)
            ? Task.FromResult(found)
            : Task.FromException<SiloAddress>(new SiloUnavailableException($"Node {node} is not in the cluster."));
    }

    /// <summary>The node's part of a grain's key.</summary>
    internal static string NodeOf(string key)
    {
        var slash = key.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? key : key[..slash];
    }
}
