using System.Diagnostics;
using Broadcast.EndToEnd.Tests.Browsers;
using Broadcast.EndToEnd.Tests.Server;
using Microsoft.Playwright;
using Xunit.Abstractions;

namespace Broadcast.EndToEnd.Tests;

/// <summary>The node goes away under a watching player; each test has a node of its own.</summary>
public sealed class NodeLossTests(Rig rig, ITestOutputHelper output) : EndToEndTest(rig, output)
{
    /// <summary>Half a second when the machine is idle; what is printed says how long it took.</summary>
    private static readonly TimeSpan CrashLimit = TimeSpan.FromSeconds(2);

    /// <summary>Nothing but silence tells of a node that hangs, and then an answer has to be waited for: about a second.</summary>
    private static readonly TimeSpan HangLimit = TimeSpan.FromSeconds(4);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private ServerNode? _node;

    protected override ServerNode Node => _node!;

    public override async Task InitializeAsync()
    {
        _node = await ServerNode.StartAsync();
        await base.InitializeAsync();
    }

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        await Node.DisposeAsync();
    }

    [Fact]
    public async Task Player_of_a_node_that_crashed_tries_again_at_once_and_plays_when_the_node_is_back()
    {
        var publisher = await PublishAsync();
        var viewer = await WatchAsync();
        // Shown when the event stream stands, whose end is the first sign of a crash.
        await viewer.UntilAsync("() => document.querySelector('broadcast-player').shadowRoot.querySelector('.count').textContent === '1'");
        var (attempt, published) = (FirstAttemptAsync(viewer, "whep"), FirstAttemptAsync(publisher, "whip"));

        var lost = Stopwatch.StartNew();
        await Node.CrashAsync();
        await attempt.WaitAsync(Patience);
        Output.WriteLine($"First attempt of the player {lost.ElapsedMilliseconds} ms after the crash.");
        Assert.True(lost.Elapsed < CrashLimit, $"The first attempt came {lost.Elapsed} after the crash.");
        await published.WaitAsync(Patience);
        Output.WriteLine($"First attempt of the publisher {lost.ElapsedMilliseconds} ms after the crash.");
        await WatchPage.UntilStateAsync(viewer, "reconnecting");

        await Node.ReviveAsync();
        await viewer.UntilAsync("async () => (await e2e.report('transport')).dtlsState === 'connected' && e2e.connections.length > 1");
        await WatchPage.UntilPlayingAsync(viewer, seconds: 60);
        var span = await viewer.EvaluateAsync<PlayedSpan>("() => e2e.steady()");
        Assert.True(span.Clean, span.ToString());
    }

    [Fact]
    public async Task Player_of_a_node_that_hangs_tries_again_soon_and_plays_with_one_session_when_the_node_goes_on()
    {
        await PublishAsync();
        var viewer = await WatchAsync();
        var attempt = FirstAttemptAsync(viewer, "whep");

        var lost = Stopwatch.StartNew();
        await Node.HangAsync();
        await attempt.WaitAsync(Patience);
        Output.WriteLine($"First attempt {lost.ElapsedMilliseconds} ms after the node hung.");
        Assert.True(lost.Elapsed < HangLimit, $"The first attempt came {lost.Elapsed} after the node hung.");

        await Node.ResumeAsync();
        await WatchPage.UntilPlayingAsync(viewer, seconds: 60);
        var span = await viewer.EvaluateAsync<PlayedSpan>("() => e2e.steady()");
        Assert.True(span.Clean, span.ToString());
        // The old session or the new one, whichever had media first.
        await viewer.UntilAsync("() => e2e.connections.filter(({ connectionState }) => connectionState !== 'closed').length === 1");
    }

    /// <summary>Ends when the page sends the next offer, whether or not anybody hears it.</summary>
    private Task FirstAttemptAsync(Tab tab, string protocol)
    {
        var sent = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        tab.Page.Request += (_, request) =>
        {
            if (request.Method == "POST" && new Uri(request.Url).AbsolutePath == $"/{protocol}/{Stream}")
                sent.TrySetResult();
        };
        return sent.Task;
    }
}
