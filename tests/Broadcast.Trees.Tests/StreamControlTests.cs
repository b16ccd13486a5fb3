using Broadcast.Rtc;
using Broadcast.Trees.Cluster;
using Broadcast.Trees.Control;
using static Broadcast.Trees.Tests.Clusters;

namespace Broadcast.Trees.Tests;

/// <summary>The writer's answers and commands to single events.</summary>
public class StreamControlTests
{
    private static readonly ClusterSnapshot Ten = new(1, Many(1, 10));

    private MonotonicTime _now;

    [Fact]
    public void Nobody_publishes_so_a_viewer_is_told_when_to_come_back_and_nothing_is_built()
    {
        var control = Settled(new StreamControl(StreamState.New, Ten, _now));
        Assert.True(Assert.IsType<JoinAnswer.Refuse>(control.Join(Node(1), 0, 1, false, _now)).RetryAfter > TimeSpan.Zero);
        Assert.Empty(control.Tree.Nodes);
        Assert.Equal(MonotonicTime.Never, control.Deadline);
    }

    [Fact]
    public void A_claim_is_granted_once_and_the_same_claim_again_gets_the_same_epoch()
    {
        var control = new StreamControl(StreamState.New, Ten, _now);
        var first = Assert.IsType<ClaimAnswer.Granted>(control.Claim(Node(0), "a", 7, false, _now));
        Assert.True(control.TakeStateChange());
        Assert.Equal(first.Epoch, Assert.IsType<ClaimAnswer.Granted>(control.Claim(Node(0), "a", 7, false, _now)).Epoch);
        Assert.False(control.TakeStateChange());
        Assert.Equal(Node(0), Assert.IsType<ClaimAnswer.Refused>(control.Claim(Node(1), "b", 8, false, _now)).HeldBy);
    }

    [Fact]
    public void A_publisher_who_comes_back_on_a_new_connection_gets_a_new_epoch()
    {
        // The same numbers may begin anew: they must not be taken for the old ones.
        var control = new StreamControl(StreamState.New, Ten, _now);
        var first = Assert.IsType<ClaimAnswer.Granted>(control.Claim(Node(0), "a", 7, false, _now));
        Assert.True(Assert.IsType<ClaimAnswer.Granted>(control.Claim(Node(0), "a", 8, false, _now)).Epoch > first.Epoch);
        Assert.True(Assert.IsType<ClaimAnswer.Granted>(control.Claim(Node(3), "b", 9, true, _now)).Epoch > first.Epoch);
    }

    [Fact]
    public void A_draining_or_unknown_node_or_one_without_the_role_takes_no_publisher()
    {
        var cluster = Of(Clusters.Node("a", state: NodeState.Draining), Clusters.Node("b", roles: NodeRoles.Edge));
        var control = new StreamControl(StreamState.New, cluster, _now);
        Assert.All(["a", "b", "c"], id => Assert.IsType<ClaimAnswer.Refused>(control.Claim(Id(id), "s", 1, true, _now)));
    }

    [Fact]
    public void A_join_answers_with_the_place_and_says_it_again_until_it_is_confirmed()
    {
        var control = Published();
        var place = Assert.IsType<JoinAnswer.Serve>(control.Join(Node(1), 0, 1, false, _now)).Place;
        Assert.Equal(Node(0), place!.Parent);
        Assert.Empty(control.TakeCommands());
        Assert.Equal(3, Repetitions(control, TimeSpan.FromSeconds(2)));
        control.Report(Fed(1, place, viewers: 1), _now);
        Assert.Equal(0, Repetitions(control, TimeSpan.FromSeconds(5)));
    }

    [Fact]
    public void A_repeated_join_builds_nothing_twice()
    {
        var control = Published();
        control.Join(Node(1), 0, 1, false, _now);
        var tree = control.Tree;
        control.Join(Node(1), 0, 2, false, _now);
        Assert.Same(tree, control.Tree);
    }

    [Fact]
    public void What_a_child_did_by_itself_becomes_the_plan()
    {
        var control = Published();
        var places = Enumerable.Range(1, 3).Select(i => Assert.IsType<JoinAnswer.Serve>(control.Join(Node(i), 0, 1, false, _now)).Place!).ToArray();
        foreach (var (place, i) in places.Select((place, i) => (place, i))) control.Report(Fed(i + 1, place, viewers: 1), _now);
        control.TakeCommands();
        control.Report(Fed(3, places[2], viewers: 1) with { Parent = Node(1), Failed = [Node(0)] }, _now);
        Assert.Equal(Node(1), control.Tree.Nodes[Node(3)].Parent);
        Assert.Contains("by itself", control.Tree.Nodes[Node(3)].Reason, StringComparison.Ordinal);
        TreeAssert.Sound(control.Tree, Ten);
    }

    [Fact]
    public void A_report_in_the_middle_of_a_planned_change_does_not_undo_it()
    {
        var control = Published();
        var place = Assert.IsType<JoinAnswer.Serve>(control.Join(Node(1), 0, 1, false, _now)).Place!;
        control.Join(Node(2), 0, 1, false, _now);
        control.Report(Fed(1, place, viewers: 1) with { Parent = Node(2), Target = Node(0) }, _now);
        Assert.Equal(Node(0), control.Tree.Nodes[Node(1)].Parent);
    }

    [Fact]
    public void A_late_release_of_an_older_epoch_ends_nothing()
    {
        var control = Published();
        var old = control.Tree.Epoch;
        control.Claim(Node(4), "publisher", 99, false, _now);
        control.Release(Node(0), old, _now);
        Assert.Equal(Node(4), control.Tree.Root);
    }

    [Fact]
    public void A_stream_without_publisher_keeps_its_tree_for_a_while_and_then_lets_all_go()
    {
        var control = Published();
        var place = Assert.IsType<JoinAnswer.Serve>(control.Join(Node(1), 0, 1, false, _now)).Place!;
        control.Report(Fed(1, place, viewers: 1), _now);
        control.Release(Node(0), control.Tree.Epoch, _now);
        Assert.Equal(0, Repetitions(control, TimeSpan.FromSeconds(50)));
        Assert.NotEmpty(control.Tree.Nodes);
        _now += TimeSpan.FromSeconds(15);
        control.Tick(_now);
        Assert.Contains(control.TakeCommands(), command => command.Node == Node(1) && command.Kind == CommandKind.Detach);
        Assert.Empty(control.Tree.Nodes);
    }

    [Fact]
    public void A_new_writer_learns_the_tree_from_reports_and_moves_nobody()
    {
        var before = Published();
        var places = Enumerable.Range(1, 8).ToDictionary(i => i, i => Assert.IsType<JoinAnswer.Serve>(before.Join(Node(i), 0, 1, false, _now)).Place!);
        var control = new StreamControl(before.State, Ten, _now);

        // Children before their parents, as it happens.
        foreach (var (i, place) in places.Reverse()) control.Report(Fed(i, place, viewers: 3), _now);
        control.TakeCommands();
        Assert.Equal(before.Tree.Nodes.Values.Select(node => (node.Id, node.Parent)), control.Tree.Nodes.Values.Select(node => (node.Id, node.Parent)));
    }

    [Fact]
    public void A_writer_whose_state_was_lost_finds_the_publisher_by_reports()
    {
        var before = Published();
        before.Join(Node(1), 0, 1, false, _now);
        var control = new StreamControl(StreamState.New, Ten, _now);
        Assert.IsType<JoinAnswer.Refuse>(control.Join(Node(5), 0, 1, false, _now));
        control.Report(Root(before.Tree.Epoch), _now);
        Assert.Equal(Node(0), control.Tree.Root);
        Assert.Equal(before.Tree.Epoch, control.Tree.Epoch);
        Assert.Equal("publisher", control.State.Session);
        Assert.IsType<JoinAnswer.Serve>(control.Join(Node(5), 0, 1, false, _now));
    }

    [Fact]
    public void Of_two_publishers_of_one_number_all_writers_choose_the_same()
    {
        StreamEpoch low = new(5, 1), high = new(5, 2);
        foreach (var order in ((StreamEpoch, NodeId)[][])[[(low, Node(1)), (high, Node(2))], [(high, Node(2)), (low, Node(1))]])
        {
            var control = new StreamControl(StreamState.New, Ten, _now);
            foreach (var (epoch, node) in order) control.Report(Root(epoch) with { Node = node }, _now);
            Assert.Equal(Node(2), control.Tree.Root);
            Assert.Equal(high, control.Tree.Epoch);
            Assert.Equal(Node(2), control.Tree.Find(Node(1))?.Parent ?? Node(2));
        }
    }

    [Fact]
    public void An_epoch_above_the_publishers_without_a_publisher_is_overtaken()
    {
        var control = Published();
        control.Report(Root(new StreamEpoch(40, 3)) with { Node = Node(6), IsRoot = false, Viewers = 4 }, _now);
        _now += TimeSpan.FromSeconds(4);
        control.Tick(_now);
        Assert.Equal(41, control.Tree.Epoch.Number);
        Assert.Contains(control.TakeCommands(), command => command.Kind == CommandKind.Lead && command.Node == Node(0));
    }

    [Fact]
    public void A_root_that_keeps_saying_it_has_no_publisher_is_believed_and_one_that_only_has_not_heard_yet_stays()
    {
        var control = Published();
        var unaware = Root(control.Tree.Epoch) with { IsRoot = false, Session = null };
        control.Report(unaware, _now);
        control.Report(Root(control.Tree.Epoch), _now + TimeSpan.FromSeconds(2));
        Repetitions(control, TimeSpan.FromSeconds(8));
        Assert.Equal(Node(0), control.Tree.Root);

        for (var i = 0; i < 3; i++, _now += Timeouts.Default.Report) control.Report(unaware, _now);
        Assert.Null(control.Tree.Root);

        // Should that have been wrong, it is mended by the next word.
        control.Report(Root(control.Tree.Epoch), _now);
        Assert.Equal(Node(0), control.Tree.Root);
    }

    [Fact]
    public void A_publisher_of_an_older_epoch_goes_on_when_the_one_of_the_newest_is_lost_for_good()
    {
        var control = Published();
        var outranked = Root(new StreamEpoch(1, 3)) with { Node = Node(6) };
        control.Report(outranked, _now);
        Repetitions(control, TimeSpan.FromSeconds(8));
        Assert.Equal(Node(0), control.Tree.Root);

        control.SetCluster(new ClusterSnapshot(2, Ten.Nodes.Where(node => node.Id != Node(0))), _now);
        control.Report(outranked, _now);
        Assert.Null(control.Tree.Root); // the winner may come back
        _now += TimeSpan.FromSeconds(4);
        control.Tick(_now);
        Assert.Equal((Node(6), 2, 3UL), (control.Tree.Root, control.Tree.Epoch.Number, control.Tree.Epoch.Claim));
        Assert.Contains(control.TakeCommands(), command => command.Kind == CommandKind.Lead && command.Node == Node(6));
    }

    [Fact]
    public void A_drain_moves_children_by_switches_and_sends_new_viewers_elsewhere()
    {
        var relay = new ClusterSnapshot(1, Many(1, 10, capacity: Usual with { MaxChildren = 4 }));
        var control = PublishedAt(relay);
        for (var i = 1; i < 10; i++) control.Join(Node(i), 0, 1, false, _now);
        var busy = control.Tree.Nodes.Values.First(node => node.Id != Node(0) && !node.Children.IsEmpty);
        control.TakeCommands();
        control.SetCluster(new ClusterSnapshot(9, relay.Nodes.Select(node => node.Id == busy.Id ? node with { State = NodeState.Draining } : node)), _now);
        Assert.Equal(busy.Children.Order(), control.TakeCommands().Where(command => command.Kind == CommandKind.Switch).Select(command => command.Node).Order());
        Assert.NotEqual(busy.Id, Assert.IsType<JoinAnswer.Redirect>(control.Join(busy.Id, 5, 1, false, _now)).Node);
    }

    private static NodeId Node(int index) => Id($"r00-{index:D3}");

    private static NodeReport Root(StreamEpoch epoch) => new(Node(0), epoch, 1, true, null, null, null, true, [], 0, 1, [], false, "publisher");

    private static NodeReport Fed(int node, RelayCommand place, int viewers) =>
        new(Node(node), place.Epoch, place.Version, false, place.Parent, null, place.Standby, true, [Node(0)], viewers, 0, [], false);

    private StreamControl Published() => PublishedAt(Ten);

    private StreamControl PublishedAt(ClusterSnapshot cluster)
    {
        var control = new StreamControl(StreamState.New, cluster, _now);
        Assert.IsType<ClaimAnswer.Granted>(control.Claim(Node(0), "publisher", 7, false, _now));
        return control;
    }

    private StreamControl Settled(StreamControl control)
    {
        _now += Timeouts.Default.Rebuild;
        control.Tick(_now);
        return control;
    }

    private int Repetitions(StreamControl control, TimeSpan span)
    {
        var count = 0;
        for (var end = _now + span; _now < end; _now += TimeSpan.FromMilliseconds(50))
        {
            control.Tick(_now);
            count += control.TakeCommands().Count;
        }

        return count;
    }
}
