using Broadcast.Grains.Abstractions.Nodes;
using Broadcast.Grains.Nodes;

namespace Broadcast.Grains.Tests.Nodes;

public class NodeDirectoryTests
{
    private readonly ManualTime _time = new();
    private readonly NodeDirectory _directory;

    public NodeDirectoryTests() => _directory = new NodeDirectory(_time);

    [Fact]
    public void Only_what_changed_noticeably_is_handed_out_again()
    {
        _directory.Report(Status("a", 1));
        _directory.Report(Status("b", 1));
        var all = _directory.GetChanges(Guid.Empty, 0);
        Assert.Equal(2, all.Nodes.Length);

        _directory.Report(Status("a", 2, viewers: 19));
        _directory.Report(Status("b", 2, viewers: 21));
        var changes = _directory.GetChanges(all.Incarnation, all.Version);
        Assert.Equal("b", Assert.Single(changes.Nodes).NodeId);

        // Small steps add up: what counts is the distance to what was handed out.
        _directory.Report(Status("a", 3, viewers: 38));
        Assert.Equal(38, Assert.Single(_directory.GetChanges(all.Incarnation, changes.Version).Nodes).Load.Viewers);
    }

    [Fact]
    public void A_small_change_is_handed_out_after_a_while_and_no_change_never()
    {
        _directory.Report(Status("a", 1));
        _directory.Report(Status("b", 1));
        var before = _directory.GetChanges(Guid.Empty, 0);
        _time.Advance(NodeDirectory.Refresh / 2);
        _directory.Report(Status("a", 2, viewers: 1));
        Assert.Empty(_directory.GetChanges(before.Incarnation, before.Version).Nodes);
        _time.Advance(NodeDirectory.Refresh);
        _directory.Report(Status("a", 3, viewers: 1));
        _directory.Report(Status("b", 2));
        Assert.Equal(1, Assert.Single(_directory.GetChanges(before.Incarnation, before.Version).Nodes).Load.Viewers);
    }

    [Fact]
    public void Draining_and_a_restart_are_news_at_once()
    {
        _directory.Report(Status("a", 1));
        var before = _directory.GetChanges(Guid.Empty, 0);
        _directory.Report(Status("a", 2) with { Draining = true });
        before = Changed(before);
        _directory.Report(Status("a", 1) with { Generation = 2 });
        Changed(before);

        DirectoryChanges Changed(DirectoryChanges since)
        {
            var changes = _directory.GetChanges(since.Incarnation, since.Version);
            Assert.Single(changes.Nodes);
            return changes;
        }
    }

    [Fact]
    public void Late_reports_of_before_are_ignored()
    {
        _directory.Report(Status("a", 5, viewers: 500));
        _directory.Report(Status("a", 4, viewers: 100));
        _directory.Report(Status("a", 9, viewers: 100) with { Generation = 0 });
        Assert.Equal(500, Assert.Single(_directory.GetChanges(Guid.Empty, 0).Nodes).Load.Viewers);
    }

    [Fact]
    public void Another_incarnation_gives_everything_and_says_when_it_is_complete()
    {
        _directory.Report(Status("a", 1));
        Assert.False(_directory.GetChanges(Guid.Empty, 0).IsComplete);
        _time.Advance(NodeDirectory.Warmup);
        var changes = _directory.GetChanges(Guid.NewGuid(), long.MaxValue);
        Assert.True(changes.IsComplete);
        Assert.Single(changes.Nodes);
    }

    [Fact]
    public void Who_says_nothing_is_silent_and_then_forgotten()
    {
        _directory.Report(Status("a", 1));
        Assert.Empty(_directory.GetChanges(Guid.Empty, 0).Silent);
        _time.Advance(NodeDirectory.Silence + TimeSpan.FromSeconds(1));
        _directory.Report(Status("b", 1));
        Assert.Equal("a", Assert.Single(_directory.GetChanges(Guid.Empty, 0).Silent));
        _time.Advance(NodeDirectory.Memory);
        _directory.GetChanges(Guid.Empty, 0);
        Assert.Equal("b", Assert.Single(_directory.GetChanges(Guid.Empty, 0).Nodes).NodeId);
    }

    private static NodeStatus Status(string node, long sequence, int viewers = 0) => new()
    {
        NodeId = node,
        Generation = 1,
        Sequence = sequence,
        Capacity = new NodeFigures(1e9, 1e5, 1000, 8),
        Load = new NodeFigures(0, 0, viewers, 0),
    };
}
