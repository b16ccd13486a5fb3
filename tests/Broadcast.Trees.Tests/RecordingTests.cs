using Broadcast.Rtc;
using Broadcast.Trees.Cluster;
using Broadcast.Trees.Control;
using Broadcast.Trees.Planning;
using static Broadcast.Trees.Tests.Clusters;

namespace Broadcast.Trees.Tests;

/// <summary>Who records a stream, and who records beside it.</summary>
public class RecordingTests
{
    private static readonly NodeId Root = Id("root");

    private MonotonicTime _now;

    [Fact]
    public void The_publishers_own_node_records_if_it_may()
    {
        var cluster = Of(Node("a"), Node("root", load: new NodeLoad(0, 0, 0, 0, 0.9)));
        Assert.Equal(Root, Recorder(cluster));
        Assert.Equal(Id("a"), Recorder(cluster.With("root", node => node with { Roles = NodeRoles.All & ~NodeRoles.Recorder })));
        Assert.Equal(Id("a"), Recorder(cluster.With("root", node => node with { State = NodeState.Draining })));
    }

    [Fact]
    public void Else_the_least_busy_node_of_the_publishers_region_does()
    {
        var busy = new NodeLoad(0, 0, 0, 0, 0.6);
        var home = Node("root", roles: NodeRoles.Ingest);
        Assert.Equal(Id("b"), Recorder(Of(home, Node("a", load: busy), Node("b"), Node("c", "us"))));
        Assert.Equal(Id("a"), Recorder(Of(home, Node("a", load: busy), Node("c", "us"))));
        Assert.Equal(Id("c"), Recorder(Of(home, Node("a", roles: NodeRoles.Edge), Node("c", "us"))));
        Assert.Null(Recorder(Of(home, Node("a", roles: NodeRoles.Edge), Node("b", state: NodeState.Suspect))));
    }

    [Fact]
    public void The_standby_is_another_node_and_fails_with_the_recorder_only_where_all_do()
    {
        var cluster = Of(Node("root"), Node("a"), Node("far", "us", "b"), Node("near", zone: "b", load: new NodeLoad(0, 0, 0, 0, 0.5)));
        Assert.Equal(Id("near"), RecorderSearch.FindStandby(cluster, Root, Root, _ => false)!.Id);
        Assert.Equal(Id("far"), RecorderSearch.FindStandby(cluster, Root, Root, node => node == Id("near"))!.Id);
        Assert.Equal(Id("a"), RecorderSearch.FindStandby(Of(Node("root"), Node("a")), Root, Root, _ => false)!.Id);
        Assert.Null(RecorderSearch.FindStandby(Of(Node("root"), Node("a", roles: NodeRoles.Relay)), Root, Root, _ => false));
    }

    [Fact]
    public void A_recorder_gets_a_standby_which_is_told_until_it_records()
    {
        var cluster = Of(Node("root"), Node("a", zone: "b"));
        var control = new RecordingControl();
        control.Report(Root, new ReportedRecording("1", true, null, null));
        Assert.Equal([new RecordingOrder.StandBy(Id("a"), "1", Root)], control.Plan(cluster, Root, _now));
        Assert.Empty(control.Plan(cluster, Root, _now));
        _now = control.Deadline;
        Assert.Equal([new RecordingOrder.StandBy(Id("a"), "1", Root)], control.Plan(cluster, Root, _now));

        control.Report(Id("a"), new ReportedRecording("2", true, "1", Root));
        Assert.Empty(control.Plan(cluster, Root, _now + RecordingControl.Repeat));
        Assert.Equal(MonotonicTime.Never, control.Deadline);
        Assert.Equal(Id("a"), control.StandbyOf("1"));
    }

    [Fact]
    public void Who_does_not_want_a_standby_gets_none()
    {
        var control = new RecordingControl();
        control.Report(Root, new ReportedRecording("1", false, null, null));
        Assert.Empty(control.Plan(Of(Node("root"), Node("a")), Root, _now));
    }

    [Fact]
    public void A_standby_that_does_not_begin_is_given_up_for_another()
    {
        var cluster = Of(Node("root"), Node("a", zone: "b"), Node("b", zone: "b"));
        var control = new RecordingControl();
        control.Report(Root, new ReportedRecording("1", true, null, null));
        var asked = new List<NodeId>();
        for (var end = _now + RecordingControl.Patience + RecordingControl.Patience - RecordingControl.Repeat; _now < end; _now = control.Deadline)
            asked.AddRange(control.Plan(cluster, Root, _now).Select(order => order.Node));
        Assert.Equal([Id("a"), Id("b")], asked.Distinct());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_recorder_that_is_gone_without_a_standby_is_replaced(bool hadStandby)
    {
        var cluster = Of(Node("root"), Node("a", zone: "b"), Node("b", zone: "c"));
        var control = new RecordingControl();
        control.SetCluster(cluster);
        control.Report(Id("a"), new ReportedRecording("1", hadStandby, null, null));
        if (hadStandby) control.Report(Id("b"), new ReportedRecording("2", true, "1", Id("a")));
        Assert.Empty(control.Plan(cluster, Root, _now));

        // The standby has the recording as long as it lives.
        cluster = cluster.With("a", node => node with { State = NodeState.Gone });
        control.SetCluster(cluster);
        if (hadStandby)
        {
            Assert.Empty(control.Plan(cluster, Root, _now));
            cluster = cluster.With("b", node => node with { State = NodeState.Gone });
            control.SetCluster(cluster);
        }

        var gone = hadStandby ? new RecordingOrder.Replace(Id("b"), "2") : new RecordingOrder.Replace(Id("a"), "1");
        Assert.Equal([gone], control.Plan(cluster, Root, _now));
        Assert.Empty(control.Plan(cluster, Root, _now));
        _now = control.Deadline;
        Assert.Equal([gone], control.Plan(cluster, Root, _now));

        control.Report(Root, new ReportedRecording("3", false, null, null));
        Assert.Empty(control.Plan(cluster, Root, _now + RecordingControl.Retry));
        control.Report(Root, null);
        Assert.Empty(control.Plan(cluster, Root, _now + (2 * RecordingControl.Retry)));
        Assert.Equal(MonotonicTime.Never, control.Deadline);
    }

    [Fact]
    public void Nobody_is_replaced_who_ended_the_recording_or_when_it_is_no_longer_wanted_or_published()
    {
        var cluster = Of(Node("root"), Node("a"));
        var without = cluster.With("a", node => node with { State = NodeState.Gone });
        RecordingControl Recorded()
        {
            var control = new RecordingControl();
            control.SetCluster(cluster);
            control.Report(Id("a"), new ReportedRecording("1", false, null, null));
            return control;
        }

        var ended = Recorded();
        ended.Report(Id("a"), null);
        ended.SetCluster(without);
        Assert.Empty(ended.Plan(without, Root, _now));

        var ceased = Recorded();
        ceased.SetCluster(without);
        ceased.Cease();
        Assert.Empty(ceased.Plan(without, Root, _now));

        // A publisher whose node died, too, has a minute to come back.
        var unpublished = Recorded();
        unpublished.SetCluster(without);
        Assert.Empty(unpublished.Plan(without, null, _now));
        Assert.Equal(_now + RecordingControl.Return, unpublished.Deadline);
        Assert.Single(unpublished.Plan(without, Root, unpublished.Deadline));
        Assert.Empty(unpublished.Plan(without, null, _now));
        Assert.Empty(unpublished.Plan(without, null, _now + RecordingControl.Return));
        Assert.Empty(unpublished.Plan(without, Root, _now + RecordingControl.Return));
    }

    [Fact]
    public void When_the_recorder_is_gone_its_standby_is_the_recorder_and_gets_one_itself()
    {
        var cluster = Of(Node("root"), Node("a", zone: "b"), Node("b", zone: "c"));
        var control = new RecordingControl();
        control.Report(Root, new ReportedRecording("1", true, null, null));
        control.Report(Id("a"), new ReportedRecording("2", true, "1", Root));
        Assert.Equal(Root, control.Current!.Value.Node);

        // Before it has said that it took the place, nobody begins another one.
        cluster = cluster.With("root", node => node with { State = NodeState.Gone });
        control.SetCluster(cluster);
        Assert.Equal(Id("a"), control.Current!.Value.Node);
        Assert.Empty(control.Plan(cluster, null, _now));

        control.Report(Id("a"), new ReportedRecording("2", true, null, null));
        Assert.Equal([new RecordingOrder.StandBy(Id("b"), "2", Id("a"))], control.Plan(cluster, null, _now));
    }

    [Fact]
    public void A_recorder_that_died_and_is_back_before_anybody_missed_it_is_not_believed_to_record()
    {
        var cluster = Of(Node("root"), Node("a"));
        var control = new RecordingControl();
        control.SetCluster(cluster);
        control.Report(Root, new ReportedRecording("1", true, null, null));
        control.Report(Id("a"), new ReportedRecording("2", true, "1", Root));
        control.SetCluster(cluster.With("root", node => node with { Generation = 2 }));
        Assert.Equal("2", control.Current!.Value.Recording.Id);
    }

    [Fact]
    public void A_standby_whose_recorder_has_ended_is_not_the_recording_of_the_stream()
    {
        var control = new RecordingControl();
        control.Report(Id("a"), new ReportedRecording("2", true, "1", Root));
        Assert.NotNull(control.Current);
        control.Report(Root, null);
        Assert.Null(control.Current);
        control.Report(Root, new ReportedRecording("3", true, null, null));
        Assert.Equal("3", control.Current!.Value.Recording.Id);
    }

    [Fact]
    public void Of_two_recorders_the_younger_ends_when_they_stay_two()
    {
        var cluster = Of(Node("root"), Node("a"));
        var control = new RecordingControl();
        control.Report(Root, new ReportedRecording("5", false, null, null));
        control.Report(Id("a"), new ReportedRecording("4", false, null, null));
        Assert.Empty(control.Plan(cluster, Root, _now));
        Assert.Equal("4", control.Current!.Value.Recording.Id);
        _now = control.Deadline;
        Assert.Equal([new RecordingOrder.Stop(Root, "5")], control.Plan(cluster, Root, _now));
    }

    [Fact]
    public void A_node_that_only_records_is_needed_and_one_nobody_can_feed_is_not_promised()
    {
        var cluster = Of(Node("root"), Node("a"));
        var control = new StreamControl(StreamState.New, cluster, _now);
        Assert.False(control.Carry(Id("a"), "records", _now));
        control.Claim(Root, "s", 1, false, _now);
        Assert.True(control.Carry(Root, "records", _now));
        Assert.True(control.Carry(Id("a"), "records", _now));
        Assert.Equal(Root, control.Tree.Find(Id("a"))!.Parent);

        _now += TimeSpan.FromMinutes(1);
        var place = control.Tree.Find(Id("a"))!;
        var report = new NodeReport(Id("a"), control.Tree.Epoch, place.Version, false, Root, null, null, true, [Root], 0, 0, [], WantsToLeave: true);
        control.Report(report with { Records = true }, _now);
        Assert.NotNull(control.Tree.Find(Id("a")));
        control.Report(report, _now);
        Assert.Null(control.Tree.Find(Id("a")));
    }

    private static NodeId? Recorder(ClusterSnapshot cluster) => RecorderSearch.FindRecorder(cluster, Root, _ => false)?.Id;
}
