using Broadcast.Grains.Abstractions.Nodes;
using Orleans.Runtime;

namespace Broadcast.Grains.Nodes;

/// <summary>Gathers the reports of all nodes; see <see cref="NodeDirectory"/>.</summary>
internal sealed class NodeDirectoryGrain(TimeProvider time) : Grain, INodeDirectoryGrain
{
    private readonly NodeDirectory _directory = new(time);

    public Task Report(NodeStatus status)
    {
        _directory.Report(status);
        return Task.CompletedTask;
    }

    public Task<DirectoryChanges> GetChanges(Guid incarnation, long since) => Task.FromResult(_directory.GetChanges(incarnation, since));
}
