using System.Diagnostics;
using System.Net.Http.Headers;

namespace Broadcast.LoadTest.Rest;

/// <summary>Asks at a steady rate. A request that is slow does not put off the next one, and one that was sent late counts from when it was due.</summary>
internal sealed class RestRun : IDisposable
{
    private readonly RestOptions _options;
    private readonly HttpClient _client;
    private readonly Answers[] _answers;

    public RestRun(RestOptions options)
    {
        _options = options;
        _client = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 256 }) { BaseAddress = options.Server, Timeout = TimeSpan.FromSeconds(30) };
        if (options.Token is { } token) _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        _answers = [.. options.Paths.Select(path => new Answers(path))];
    }

    /// <summary>Asks, and waits for the last answer.</summary>
    public async Task<IReadOnlyList<Answers>> RunAsync(CancellationToken cancellation)
    {
        var asked = new List<Task>();
        var begun = Stopwatch.GetTimestamp();
        var total = (long)((_options.Warmup + _options.Duration).TotalSeconds * _options.Rate);
        for (long i = 0; i < total; i++)
        {
            var due = begun + (long)(i / _options.Rate * Stopwatch.Frequency);
            var early = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due);
            if (early > TimeSpan.FromMilliseconds(1)) await Task.Delay(early, cancellation);
            asked.Add(AskAsync(_answers[i % _answers.Length], due, counts: Stopwatch.GetElapsedTime(begun, due) >= _options.Warmup, cancellation));
        }

        await Task.WhenAll(asked);
        return _answers;
    }

    public void Dispose() => _client.Dispose();

    private async Task AskAsync(Answers answers, long due, bool counts, CancellationToken cancellation)
    {
        // One that leaves a little early, as timers are no finer, counts from then.
        var from = Math.Min(due, Stopwatch.GetTimestamp());

        // On a thread of the pool: what the sending costs is not the next request's.
        await Task.Yield();
        var late = Stopwatch.GetElapsedTime(from);
        try
        {
            using var response = await _client.GetAsync(new Uri(answers.Path, UriKind.Relative), cancellation);
            var body = await response.Content.ReadAsByteArrayAsync(cancellation);
            if (counts) answers.Add(Stopwatch.GetElapsedTime(from), late, body.Length, response.IsSuccessStatusCode);
        }
        catch (HttpRequestException)
        {
            if (counts) answers.Add(Stopwatch.GetElapsedTime(from), late, 0, succeeded: false);
        }
    }
}
