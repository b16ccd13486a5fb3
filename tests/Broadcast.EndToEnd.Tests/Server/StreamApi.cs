using System.Net;
using System.Net.Http.Json;

namespace Broadcast.EndToEnd.Tests.Server;

/// <summary>One stream as <c>/api/v1/streams/{id}</c> shows it.</summary>
public sealed record StreamState(bool Active, int Epoch, int Viewers, IReadOnlyList<TrackState> Tracks)
{
    public static readonly StreamState None = new(false, 0, 0, []);
}

/// <summary>One track of it.</summary>
public sealed record TrackState(string Kind, string Codec, long PacketsReceived, long PacketsLost, long PacketsRepaired, long KeyframeRequests, long Keyframes)
{
    /// <summary>The qualities it is published in, ascending.</summary>
    public IReadOnlyList<LayerState> Layers { get; init; } = [];
}

/// <summary>One session as <c>/api/v1/streams/{id}/sessions</c> shows it.</summary>
public sealed record SessionState(string Kind, LayerInUseState? Layer, long BitsPerSecond, long? EstimatedBitsPerSecond, long Retransmitted, double? RoundTrip);

/// <summary>The quality that a viewer gets.</summary>
public sealed record LayerInUseState(int Width, bool Paused, string Limit);

/// <summary>One quality of a track.</summary>
public sealed record LayerState(string Rid, int SpatialLayerId, int TemporalLayers, int Width, int Height, long BitsPerSecond, bool Active)
{
    /// <summary>What a viewer posts to get just this one.</summary>
    public object Wish() => Rid.Length > 0 ? new { encodingId = Rid, spatialLayerId = SpatialLayerId } : new { spatialLayerId = SpatialLayerId };
}

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

    /// <summary>Who publishes and watches the stream; needs a token to operate.</summary>
    public async Task<IReadOnlyList<SessionState>> GetSessionsAsync(string stream) =>
        (await _client.GetFromJsonAsync<SessionState[]>($"/api/v1/streams/{stream}/sessions"))!;

    /// <summary>What each viewer of the stream gets, of those who get anything; needs a token to operate.</summary>
    public async Task<IReadOnlyList<LayerInUseState>> GetViewersAsync(string stream)
    {
        var sessions = await GetSessionsAsync(stream);
        return [.. sessions.Where(session => session is { Kind: "viewer", Layer: not null }).Select(session => session.Layer!)];
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
