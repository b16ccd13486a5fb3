using Broadcast.Rtc;
using Broadcast.Trees.Cluster;
using Broadcast.Trees.Control;
using Broadcast.Trees.Tests.Model;
using static Broadcast.Trees.Tests.Clusters;

namespace Broadcast.Trees.Tests;

/// <summary>One node between parents that speak, fall silent, refuse or run dry.</summary>
public class NodeControlTests
{
    private static readonly StreamEpoch Epoch = new(1, 1);

    private readonly NodeControl _node = new(Id("me"), MonotonicTime.Zero);
    private readonly HashSet<string> _speaking = [];
    private readonly HashSet<string> _dry = [];
    private MonotonicTime _now;

    [Fact]
    public void A_command_links_to_the_parent_and_warms_the_standby()
    {
        Assert.True(_node.Apply(Place(1, "p", "s"), _now));
        Assert.Equal([new NodeAction.Ask(Id("p"), LinkMode.Media, Epoch), new NodeAction.Ask(Id("s"), LinkMode.Warm, Epoch)], _node.TakeActions().OfType<NodeAction.Ask>());
        Speak(500, "p", "s");
        Assert.Equal(Id("p"), _node.Parent);
        Assert.True(_node.IsRooted(_now));
    }

    [Fact]
    public void A_silent_parent_is_replaced_by_the_standby_within_half_a_second_and_the_writer_is_told()
    {
        Start();
        _speaking.Remove("p");
        var silentSince = _now;
        while (_node.Parent == Id("p")) Run(10);
        Assert.InRange((_now - silentSince).TotalMilliseconds, 300, 500);
        Assert.Equal(Id("s"), _node.Parent);
        Assert.Null(_node.Standby);
        var report = Reports()[^1];
        Assert.Equal(Id("s"), report.Parent);
        Assert.Contains(Id("p"), report.Failed);
    }

    [Fact]
    public void Media_alone_keeps_a_parent()
    {
        Start();
        for (var i = 0; i < 20; i++)
        {
            _now += TimeSpan.FromMilliseconds(100);
            _node.HeardMedia(Id("p"), _now);
            _node.Heard(Id("s"), Frame(Epoch, "s"), _now);
            _node.Tick(_now);
        }

        Assert.Equal(Id("p"), _node.Parent);
    }

    [Fact]
    public void A_parent_that_runs_dry_is_given_time_before_the_standby_is_taken()
    {
        Start();
        _dry.Add("p");
        Run(1000);
        Assert.Equal(Id("p"), _node.Parent);
        Run(1500);
        Assert.Equal(Id("s"), _node.Parent);
    }

    [Fact]
    public void When_all_run_dry_nobody_moves()
    {
        Start();
        _dry.UnionWith(["p", "s"]);
        Run(5000);
        Assert.Equal(Id("p"), _node.Parent);
    }

    [Fact]
    public void A_planned_change_keeps_the_old_parent_until_the_new_one_has_fed_for_the_overlap()
    {
        Start();
        _node.Apply(Place(2, "q", "s"), _now);
        Run(400);
        Assert.Equal(Id("p"), _node.Parent);
        Assert.Equal(Id("q"), _node.Target);
        _speaking.Add("q");
        Run(250);
        Assert.Equal(Id("p"), _node.Parent);
        Run(300);
        Assert.Equal(Id("q"), _node.Parent);
        Assert.False(_node.HasLinkTo(Id("p")));
    }

    [Fact]
    public void A_planned_parent_that_never_answers_costs_nothing_but_a_report()
    {
        Start();
        _node.Apply(Place(2, "q", "s"), _now);
        Run(700);
        Assert.Equal(Id("p"), _node.Parent);
        Assert.Null(_node.Target);
        Assert.Contains(Reports(), report => report.Failed.Contains(Id("q")) && report.Parent == Id("p"));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(0, 7)]
    public void An_old_or_repeated_command_changes_nothing_and_is_answered(long epoch, long version)
    {
        Start();
        Assert.False(_node.Apply(Place(version, "q", null) with { Epoch = new StreamEpoch(epoch, 1) }, _now));
        Assert.Null(_node.Target);
        Assert.Equal(1, Reports()[^1].Version);
    }

    [Fact]
    public void Without_standby_the_ancestors_are_asked_nearest_first()
    {
        _node.Apply(Place(1, "p", null), _now);
        Speak(500, "p");
        _speaking.Clear();
        Run(450);
        Assert.Equal(Id("grand"), _node.Target);
    }

    [Fact]
    public void A_way_up_that_leads_through_this_node_is_cut_at_once()
    {
        Start();
        _node.Heard(Id("p"), new LinkFrame(Epoch, true, LinkMode.Media, [Id("root"), Id("me"), Id("p")]), _now);
        Assert.Equal(Id("s"), _node.Parent);
    }

    [Fact]
    public void Whoever_is_above_is_not_fed_nor_is_anybody_beyond_the_places()
    {
        Start();
        Assert.Equal(LinkAnswer.Loop, _node.ChildAsks(Id("root"), LinkMode.Media, 5, _now));
        Assert.Equal(LinkAnswer.Full, _node.ChildAsks(Id("c"), LinkMode.Media, 0, _now));
        Assert.Equal(LinkAnswer.Accepted, _node.ChildAsks(Id("c"), LinkMode.Warm, 0, _now));
        Assert.Equal(LinkAnswer.Accepted, _node.ChildAsks(Id("c"), LinkMode.Media, 1, _now));
        Assert.Equal(1, _node.Children);
    }

    [Fact]
    public void A_node_without_the_stream_feeds_nobody() => Assert.Equal(LinkAnswer.NotCarried, _node.ChildAsks(Id("c"), LinkMode.Media, 5, _now));

    [Fact]
    public void A_silent_child_gives_its_place_free()
    {
        Start();
        _node.ChildAsks(Id("c"), LinkMode.Media, 1, _now);
        Run(2900);
        Assert.Equal(1, _node.Children);
        Run(300);
        Assert.Equal(0, _node.Children);
    }

    [Fact]
    public void A_root_that_learns_of_a_higher_epoch_ends_its_publication()
    {
        _node.BecomeRoot(Epoch, 1, "session", _now);
        _node.TakeActions();
        _node.Apply(Place(2, "p", null) with { Epoch = new StreamEpoch(2, 0) }, _now);
        Assert.False(_node.IsRoot);
        Assert.Contains(new NodeAction.EndPublication(Epoch), _node.TakeActions());
    }

    [Fact]
    public void Nobody_needs_it_so_it_asks_to_leave_after_the_linger_and_not_before()
    {
        Start();
        Run(28_000);
        Assert.DoesNotContain(Reports(), report => report.WantsToLeave);
        Run(4_000);
        Assert.True(Reports()[^1].WantsToLeave);
    }

    [Fact]
    public void Its_deadline_is_never_late()
    {
        // Woken at deadlines only, it notices silence as early as when it is woken all the time.
        Start();
        var silentSince = _now;
        while (_node.Parent == Id("p"))
        {
            Assert.True(_node.Deadline > _now && _node.Deadline < _now + TimeSpan.FromSeconds(1));
            _now = _node.Deadline;
            _node.Tick(_now);
        }

        Assert.InRange((_now - silentSince).TotalMilliseconds, 300, 500);
    }

    private void Start()
    {
        _node.Apply(Place(1, "p", "s"), _now);
        Speak(500, "p", "s");
        _node.TakeActions();
    }

    private void Speak(int milliseconds, params string[] peers)
    {
        _speaking.UnionWith(peers);
        Run(milliseconds);
    }

    private void Run(int milliseconds)
    {
        for (var i = 0; i < milliseconds; i += 10)
        {
            _now += TimeSpan.FromMilliseconds(10);
            if (_now.Milliseconds % 100 == 0)
            {
                foreach (var peer in _speaking) _node.Heard(Id(peer), Frame(Epoch, peer), _now);
            }

            _node.Tick(_now);
        }
    }

    private LinkFrame Frame(StreamEpoch epoch, string from) => new(epoch, !_dry.Contains(from), LinkMode.Media, [Id("root"), Id("grand"), Id(from)]);

    private List<NodeReport> Reports() => [.. _node.TakeActions().OfType<NodeAction.Send>().Select(send => send.Report)];

    private static RelayCommand Place(long version, string parent, string? standby) =>
        new(Id("me"), Epoch, version, CommandKind.Attach, Id(parent), standby is null ? null : Id(standby), "test");
}
