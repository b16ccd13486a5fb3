using Broadcast.Signalling.Operate;
using Broadcast.Signalling.Operate.Figures;
using Broadcast.Signalling.Operate.Picture;
using CsCheck;
using MessagePack;

namespace Broadcast.Signalling.Tests.Operate;

public class UpdateTests
{
    /// <summary>Small cells, so that rows often stay the same, come back, and lose columns.</summary>
    private static readonly Gen<Cell> AnyCell = Gen.OneOf(
        Gen.Const(Cell.Nothing), Gen.Int[0, 2].Select(n => Cell.Of(n)), Gen.Double[-1, 1].Select(n => new Cell(null, n)), Gen.Int[0, 2].Select(n => Cell.Of(new[] { "", "a", "ü" }[n])));

    private static readonly Gen<Table> AnyTable = Gen.Select(Gen.Int[0, 9], AnyCell.Array[3]).List[0, 8]
        .Select(rows => Table.Of(rows.Select(row => new Row($"row{row.Item1}", row.Item2))));

    [Fact]
    public void What_updates_lead_to_is_the_picture_whichever_pictures_are_left_out() =>
        Gen.Select(Gen.Select(AnyTable, AnyTable).Array[1, 6], Gen.Bool.Array[6]).Sample((steps, told) =>
        {
            var page = new PageState();
            ClusterPicture? seen = null;
            for (var i = 0; i < steps.Length; i++)
            {
                var picture = new ClusterPicture(i + 1, DateTimeOffset.UnixEpoch, [steps[i].Item1, steps[i].Item2]);
                if (!told[i])
                    continue;
                page.Apply(OverTheWire(Update.Between(seen, picture)));
                page.AssertShows(picture);
                seen = picture;
            }
        });

    [Fact]
    public async Task A_page_that_follows_a_cluster_for_a_while_shows_it_as_one_that_has_just_come()
    {
        var cluster = new SimulatedCluster(nodes: 30, streams: 60, sessions: 500);
        var (maker, page) = (new PictureMaker(), new PageState());
        ClusterPicture? seen = null;
        for (var turn = 0; turn < 40; turn++)
        {
            if (turn is 10 or 20)
                cluster.Kill($"node-{turn:d3}");
            var picture = await MakeAsync(maker, cluster);
            page.Apply(OverTheWire(Update.Between(seen, picture)));
            seen = picture;
        }

        var newcomer = new PageState();
        newcomer.Apply(OverTheWire(Update.Between(null, seen!)));
        page.AssertShowsTheSameAs(newcomer);
        Assert.Equal(28, page[ClusterTable.Nodes].Count);
        Assert.DoesNotContain(page[ClusterTable.Links].Values, link => link[0].Text == "node-010" || link[1].Text == "node-010");
    }

    [Fact]
    public void What_has_not_changed_is_not_told()
    {
        var table = Table.Of([new Row("a", [Cell.Of(1), Cell.Of("x")]), new Row("b", [Cell.Of(2), Cell.Of("y")])]);
        var next = Table.Of([new Row("a", [Cell.Of(1), Cell.Of("x")]), new Row("b", [Cell.Of(2), Cell.Of("z")])], table);
        var update = Update.Between(new ClusterPicture(1, default, [table]), new ClusterPicture(2, default, [next]));
        var row = Assert.Single(Assert.Single(update.Tables).Rows);
        Assert.Equal(("b", 2), (row.Id, row.Columns));
        Assert.Equal([Cell.Of("z")], row.Cells);
    }

    [Fact]
    public async Task A_picture_of_more_than_it_holds_is_cut_and_its_totals_are_not()
    {
        var streams = Enumerable.Range(0, PictureMaker.MaxStreams + 500).Select(i => new StreamFigures(
            $"s{i}", true, true, null, null, null, 0, i, 0, i, 1_000_000, 0, 1, 0, 0, 0, 0, "VP8", "", null, 1)).ToArray();
        var nodes = await new SimulatedCluster(1, 0, 0).GetNodesAsync(default);
        var picture = new PictureMaker().Make(nodes, new Dictionary<string, NodeReport> { ["node-000"] = new(streams, 0, 0, [], 0) }, [], default);
        var shown = picture.Tables[(int)ClusterTable.Streams].Rows;
        Assert.Equal(PictureMaker.MaxStreams, shown.Count);
        Assert.True(shown.ContainsKey($"s{streams.Length - 1}")); // the one with the most viewers
        Assert.Equal(Cell.Of(streams.Length), picture.Tables[(int)ClusterTable.Totals].Rows["all"].Cells[2]);
    }

    private static async Task<ClusterPicture> MakeAsync(PictureMaker maker, SimulatedCluster cluster)
    {
        var nodes = await cluster.GetNodesAsync(default);
        var reports = new Dictionary<string, NodeReport>();
        foreach (var node in nodes)
            reports[node.NodeId] = (await cluster.ReportAsync(node.NodeId, 0, default))!;
        return maker.Make(nodes, reports, [], DateTimeOffset.UnixEpoch);
    }

    private static Update OverTheWire(Update update) =>
        MessagePackSerializer.Deserialize<Update>(MessagePackSerializer.Serialize(update, OperateEndpoint.Serializer), OperateEndpoint.Serializer);
}
