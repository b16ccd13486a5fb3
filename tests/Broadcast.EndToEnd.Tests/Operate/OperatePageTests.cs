using System.Diagnostics;
using Broadcast.EndToEnd.Tests.Browsers;
using Broadcast.EndToEnd.Tests.Cascade;
using Xunit.Abstractions;

namespace Broadcast.EndToEnd.Tests.Operate;

/// <summary>The operators' page before a cluster of real nodes, at a node that neither publishes nor dies.</summary>
public sealed class OperatePageTests(Rig rig, ITestOutputHelper output) : CascadeTest(rig, output)
{
    [Fact]
    public async Task A_node_that_is_killed_leaves_the_picture_and_the_tree_is_seen_to_heal()
    {
        await StartAsync(DeepTree);
        await PublishAsync("source");
        await WatchAsync("relay", 1);
        await WatchAsync("spare", 2);
        await WatchAsync("leaf", 10);
        var page = await OpenOperateAsync("spare");
        await page.UntilAsync("() => operate.cell('streams', 'cascade', 'Viewers') === '13'");
        await page.UntilAsync("() => operate.cell('streams', 'cascade', 'Published at') === 'source'");
        await page.EvaluateAsync<object?>("() => operate.pick('streams', 'cascade')");
        await page.UntilAsync("() => operate.tree('leaf').includes('From relay') && operate.tree('leaf').includes('Standby spare')");
        await page.UntilAsync("() => operate.tree('leaf').includes('bit/s') && operate.tree('leaf').includes('2 hops') && operate.tree('leaf').includes('360p')");
        await Pictures.SaveAsync(page, "cascade", Output);

        await Cluster["relay"].CrashAsync();
        await page.UntilAsync("() => operate.tree('leaf').includes('From spare') && operate.tree('relay') === ''");
        await page.EvaluateAsync<object?>("() => operate.tab('nodes')");
        await page.UntilAsync("() => operate.rows('nodes').join() === 'leaf,source,spare'");
        await page.EvaluateAsync<object?>("() => operate.tab('events')");
        await page.UntilAsync("() => operate.text('events').includes('comes from spare now: relay fell silent')");
        await page.UntilAsync("() => operate.text('events').includes('is gone')");
        await Pictures.SaveAsync(page, "healed", Output);

        await page.EvaluateAsync<object?>("() => operate.tab('links')");
        await page.UntilAsync("() => operate.rows('links').includes('spare>leaf')");
        await page.EvaluateAsync<object?>("() => operate.pick('links', 'spare>leaf')");
        await page.UntilAsync("() => /\\d\\s[Mk]bit\\/s/.test(operate.fact('Bitrate')) && /\\d\\sms/.test(operate.fact('Round trip'))");
        Assert.DoesNotContain("uncaught", page.Console, StringComparison.Ordinal);
        Assert.DoesNotContain("error:", page.Console, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_page_comes_back_by_itself_when_its_node_does()
    {
        await StartAsync(new NodePlan("a"));
        await PublishAsync("a");
        var page = await OpenOperateAsync("a");
        await page.UntilAsync("() => operate.rows('streams').includes('cascade')");
        await Cluster["a"].CrashAsync();
        await page.UntilAsync("() => document.querySelector('#connection').textContent.startsWith('No connection')");
        await Cluster["a"].ReviveAsync();
        await page.UntilAsync("() => document.querySelector('#connection').textContent === 'Live'");
        await page.UntilAsync("() => operate.rows('streams').length === 0 || operate.cell('streams', 'cascade', 'State') === 'Live'");
    }

    [Fact]
    public async Task An_operator_drains_a_node_ends_a_session_and_keeps_an_address_out_everywhere()
    {
        await StartAsync(new NodePlan("a"), new NodePlan("b"));
        foreach (var node in Cluster.Nodes.Values)
        {
            using var api = new ClusterApi(node);
            await api.UntilUpAsync(["a", "b"], Patience);
        }

        await PublishAsync("a");
        var viewers = await WatchAsync("b", 3);
        var page = await OpenOperateAsync("a");

        // A viewer of the other node is ended here.
        await page.UntilAsync("() => operate.cell('streams', 'cascade', 'Viewers') === '3'");
        await page.EvaluateAsync<object?>("() => operate.tab('sessions')");
        await page.UntilAsync("() => operate.rows('sessions').length === 4");
        await page.EvaluateAsync<object?>("() => operate.pick('sessions', operate.rows('sessions').find((id) => operate.cell('sessions', id, 'Node') === 'b'))");
        await page.UntilAsync("() => operate.fact('From') === '127.0.0.1'");
        await page.EvaluateAsync<object?>("() => operate.press('End session')");
        await page.Page.ClickAsync("#confirm-yes");
        await page.UntilAsync("() => operate.rows('sessions').length === 3");
        Assert.Single((await viewers.LookAsync()).Ended);

        await page.EvaluateAsync<object?>("() => operate.tab('nodes')");
        await page.UntilAsync("() => operate.rows('nodes').length === 2");
        await page.EvaluateAsync<object?>("() => operate.pick('nodes', 'b')");
        await page.EvaluateAsync<object?>("() => operate.press('Drain')");
        await page.Page.ClickAsync("#confirm-yes");
        await page.UntilAsync("() => operate.cell('nodes', 'b', 'State') === 'Draining'");
        await page.UntilAsync("() => operate.press('Undrain')");
        await page.UntilAsync("() => operate.cell('nodes', 'b', 'State') === 'Up'");

        // An address that is kept out loses its sessions at both nodes, also that of the publisher.
        await page.EvaluateAsync<object?>("() => operate.tab('sessions')");
        await page.UntilAsync("() => operate.rows('sessions').length > 0");
        await page.EvaluateAsync<object?>("() => operate.pick('sessions', operate.rows('sessions')[0])");
        await page.UntilAsync("() => operate.press('Ban address')");
        await page.Page.FillAsync("#ban [name=reason]", "a test");
        await page.Page.ClickAsync("#ban [value=yes]");
        await page.EvaluateAsync<object?>("() => operate.tab('bans')");
        await page.UntilAsync("() => operate.text('bans').includes('127.0.0.1') && operate.text('bans').includes('a test')");
        using var http = new HttpClient { BaseAddress = new Uri(Cluster["b"].Address) };
        Assert.Equal(403, await StatusAsync(http));
        await page.UntilAsync("() => fetch('/api/v1/streams/cascade/sessions').then((answer) => answer.json()).then((sessions) => sessions.length === 0)");

        // A node that comes later is told, too.
        using var late = new HttpClient { BaseAddress = new Uri((await Cluster.AddAsync(new NodePlan("c"))).Address) };
        var begun = Stopwatch.GetTimestamp();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        while (await StatusAsync(late) != 403)
        {
            Assert.True(Stopwatch.GetElapsedTime(begun) < Patience, "The node that came later does not know of the ban.");
            await timer.WaitForNextTickAsync();
        }

        await page.EvaluateAsync<object?>("() => operate.pick('bans', operate.rows('bans')[0])");
        await page.Page.ClickAsync("#confirm-yes");
        await page.UntilAsync("() => operate.text('bans').includes('Nobody is kept out')");
        await page.UntilAsync("() => document.querySelector('#problem').hidden");
        Assert.NotEqual(403, await StatusAsync(http));
    }

    /// <summary>Of a viewer's request, which is none: who is kept out does not get so far.</summary>
    private static async Task<int> StatusAsync(HttpClient node)
    {
        using var answer = await node.PostAsync(new Uri("/whep/cascade", UriKind.Relative), new StringContent("v=0"));
        return (int)answer.StatusCode;
    }

    [Fact]
    public async Task An_operator_records_a_stream_and_mints_a_token_by_keyboard()
    {
        await StartAsync(new NodePlan("a"));
        await PublishAsync("a");
        var page = await OpenOperateAsync("a");
        await page.UntilAsync("() => operate.cell('streams', 'cascade', 'State') === 'Live'");
        await page.Page.FocusAsync("#streams tr[data-id=cascade] .pick");
        await page.Page.Keyboard.PressAsync("Enter");
        await page.UntilAsync("() => document.activeElement.textContent === 'Stream cascade'");
        await page.UntilAsync("() => operate.press('Record')");
        await page.UntilAsync("() => operate.cell('streams', 'cascade', 'Recorded') === 'Yes'");
        await page.UntilAsync("() => operate.press('Stop recording')");
        await page.UntilAsync("() => operate.cell('streams', 'cascade', 'Recorded') === '–'");

        await page.Page.FocusAsync("#tab-streams");
        foreach (var _ in Enumerable.Range(0, 5))
            await page.Page.Keyboard.PressAsync("ArrowRight");
        await page.UntilAsync("() => document.activeElement.id === 'tab-events' && operate.text('events').includes('is not recorded any more')");
        await page.Page.Keyboard.PressAsync("ArrowLeft");
        await page.UntilAsync("() => operate.cell('recordings', operate.rows('recordings')[0], 'Node') === 'a'");

        await page.Page.FocusAsync("#mint-open");
        await page.Page.Keyboard.PressAsync("Enter");
        await page.Page.FillAsync("#mint [name=stream]", "matinee");
        await page.Page.Keyboard.PressAsync("Enter");
        await page.UntilAsync("() => document.querySelector('#minted-token').textContent.split('.').length === 3");
        await page.Page.Keyboard.PressAsync("Escape");
        await page.UntilAsync("() => document.querySelector('#minted-token').textContent === ''");
        Assert.DoesNotContain("uncaught", page.Console, StringComparison.Ordinal);
    }

    private async Task<Tab> OpenOperateAsync(string node)
    {
        var tab = await OpenAsync(Cluster[node].Address);
        await tab.AddScriptAsync("operate.js");
        await tab.GoToAsync("/operate");
        await tab.UntilAsync("() => document.querySelector('#connection').textContent === 'Live'");
        return tab;
    }
}
