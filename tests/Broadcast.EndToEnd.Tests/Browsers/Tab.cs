using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Playwright;

namespace Broadcast.EndToEnd.Tests.Browsers;

/// <summary>One page with its console, and with the test's own scripts beside the server's files.</summary>
/// <remarks>Every page has <c>e2e</c> (Scripts/hooks.js); <see cref="BlankPath"/> is an empty page of the same origin.</remarks>
public sealed class Tab : IAsyncDisposable
{
    /// <summary>An empty page on which modules of the server can be imported.</summary>
    public const string BlankPath = "/e2e/blank.html";

    private static readonly TimeSpan PollingInterval = TimeSpan.FromMilliseconds(50);
    private static readonly string Scripts = Path.Combine(AppContext.BaseDirectory, "Scripts");
    private readonly IBrowserContext _context;
    private readonly string _server;
    private readonly ConcurrentQueue<string> _console = new();

    private Tab(IBrowserContext context, IPage page, string server) => (_context, Page, _server) = (context, page, server);

    public IPage Page { get; }

    /// <summary>What the page wrote, and every answer of the server with an error status.</summary>
    public string Console => string.Join('\n', _console);

    internal static async Task<Tab> CreateAsync(IBrowserContext context, string server)
    {
        context.SetDefaultTimeout(30_000);
        var page = await context.NewPageAsync();
        var tab = new Tab(context, page, server);
        page.Console += (_, message) => tab._console.Enqueue($"{message.Type}: {message.Text}");
        page.PageError += (_, error) => tab._console.Enqueue($"uncaught: {error}");
        page.Response += (_, response) =>
        {
            if (response.Request.Method != "GET" || response.Status >= 400)
                tab._console.Enqueue($"{response.Request.Method} {new Uri(response.Url).AbsolutePath} → {response.Status}");
        };
        await context.RouteAsync($"{server}/e2e/**", route => route.FulfillAsync(new() { Path = FileFor(route.Request.Url) }));
        await tab.AddScriptAsync("hooks.js");
        return tab;
    }

    /// <summary>Runs a script of the folder Scripts in every page of this tab, before its own.</summary>
    public Task AddScriptAsync(string name) => Page.AddInitScriptAsync(scriptPath: Path.Combine(Scripts, name));

    /// <summary>Leaves the browser only the video codecs whose MIME type matches.</summary>
    /// <param name="pattern">A JavaScript expression: /…/.</param>
    public async Task OfferOnlyAsync(string pattern)
    {
        await Page.AddInitScriptAsync($"globalThis.offered = {pattern};");
        await AddScriptAsync("offer-only.js");
    }

    public async Task GoToAsync(string path) => await Page.GotoAsync(_server + path);

    /// <summary>Rewrites every SDP answer (and ICE restart fragment) before the page sees it.</summary>
    public Task RewriteAnswersAsync(Func<string, string> rewrite) => _context.RouteAsync(
        address => address.StartsWith($"{_server}/whip/", StringComparison.Ordinal) || address.StartsWith($"{_server}/whep/", StringComparison.Ordinal),
        async route =>
        {
            if (route.Request.Method is not ("POST" or "PATCH") || route.Request.Url.Contains("/events", StringComparison.Ordinal))
            {
                await route.ContinueAsync();
                return;
            }

            var response = await route.FetchAsync();
            await route.FulfillAsync(new() { Response = response, Body = rewrite(await response.TextAsync()) });
        });

    /// <summary>Runs an expression of the page; what it returns must be JSON of the wanted type.</summary>
    public Task<T> EvaluateAsync<T>(string expression, object? argument = null) => Page.EvaluateAsync<T>(expression, argument);

    /// <summary>Waits until a function of the page, asynchronous or not, returns something true.</summary>
    /// <remarks>Not by Playwright's WaitForFunction: with a polling interval it takes the promise of an asynchronous function for true.</remarks>
    /// <exception cref="TimeoutException">It did not within the limit.</exception>
    public async Task UntilAsync(string function, object? argument = null, double seconds = 30)
    {
        var limit = TimeSpan.FromSeconds(seconds);
        var started = Stopwatch.GetTimestamp();
        using var timer = new PeriodicTimer(PollingInterval);
        while (!await HoldsAsync(function, argument).WaitAsync(limit))
        {
            if (Stopwatch.GetElapsedTime(started) > limit)
                throw new TimeoutException($"Not after {seconds} s: {function} with {argument ?? "no argument"}");
            await timer.WaitForNextTickAsync();
        }
    }

    /// <summary>Ends the tab's process, so that it can say nothing to anybody any more.</summary>
    public async Task CrashAsync()
    {
        var crashed = new TaskCompletionSource();
        Page.Crash += (_, _) => crashed.TrySetResult();
        var session = await _context.NewCDPSessionAsync(Page);
        // The command is never answered: who should answer is gone.
        _ = session.SendAsync("Page.crash").ContinueWith(static task => task.Exception, TaskScheduler.Default);
        await crashed.Task.WaitAsync(TimeSpan.FromSeconds(20));
    }

    public async ValueTask DisposeAsync() => await _context.CloseAsync();

    private async Task<bool> HoldsAsync(string function, object? argument)
    {
        try
        {
            return await Page.EvaluateAsync<bool>($"async (argument) => Boolean(await ({function})(argument))", argument);
        }
        catch (PlaywrightException exception) when (exception.Message.Contains("Execution context was destroyed", StringComparison.Ordinal))
        {
            return false; // the page was on its way to another address
        }
    }

    private static string FileFor(string address) => Path.Combine(Scripts, Path.GetFileName(new Uri(address).AbsolutePath));
}
