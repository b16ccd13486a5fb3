using System.Net;
using System.Net.Http.Json;

namespace Broadcast.EndToEnd.Tests.Server;

/// <summary>One stream as <c>/api/v1/streams/{id}</c> shows it.</summary>
public sealed record StreamState(bool Active, int Epoch, int Viewers, IReadOnlyList<TrackState> Tracks)
{
    public static readonly StreamState None = new(false, 0, 0, []);
}

/// <summary>One track of it.</summary>
public sealed record TrackState(string Kind, string Codec, long PacketsReceived, long PacketsLost, long PacketsRepaired, long KeyframeRequests);

/// <summary>The REST interface, asked until it says what is expected.</summary>
public sealed class StreamApi : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);
    private readonly HttpClient _client;

    public StreamApi(string address, string token)
    {
        _client = new HttpClient { BaseAddress = new Uri(address) };
        _client.DefaultRequestHeaders.Authorization = new("Bearer", token);
    }

    /// <summary>The stream now; <see cref="StreamState.None"/> when it is neither live nor watched.</summary>
    public async Task<StreamState> GetAsync(string stream)
    {
        using var response = await _client.GetAsync($"/api/v1/streams/{stream}");
        if (response.StatusCode == HttpStatusCode.NotFound)
            return StreamState.None;
        response.EnsureSuccessStatusCode();
        return (await response.Content.ReadFromJsonAsync<StreamState>())!;
    }

    /// <summary>Waits until the stream is as wanted.</summary>
    /// <exception cref="TimeoutException">It was not within the limit; the message says how it is.</exception>
    public async Task<StreamState> UntilAsync(string stream, Func<StreamState, bool> wanted, TimeSpan limit)
    {
        using var end = new CancellationTokenSource(limit);
        using var timer = new PeriodicTimer(Interval);
        while (true)
        {
            var state = await GetAsync(stream);
            if (wanted(state))
                return state;
            if (end.IsCancellationRequested)
                throw new TimeoutException($"After {limit} the stream is {state}.");
            await timer.WaitForNextTickAsync();
        }
    }

    public void Dispose() => _client.Dispose();
}
