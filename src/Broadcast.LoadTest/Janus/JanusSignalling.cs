using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Broadcast.Client.Signalling;
using Broadcast.Rtc;
using Broadcast.Rtc.Sdp;

namespace Broadcast.LoadTest.Janus;

/// <summary>Janus' video room: a room per stream; publishers offer, viewers are made an offer.</summary>
internal sealed class JanusSignalling : ISignalling
{
    private readonly JanusApi _api;
    private readonly ConcurrentDictionary<string, (long Room, ulong Feed)> _feeds = new();
    private long _rooms = Random.Shared.NextInt64(100_000, 1_000_000_000);

    private JanusSignalling(JanusApi api) => _api = api;

    /// <summary>Connects.</summary>
    /// <exception cref="SignallingException">Janus refused.</exception>
    public static async Task<JanusSignalling> ConnectAsync(Uri server, int connections, CancellationToken cancellation) =>
        new(await JanusApi.CreateAsync(server, connections, cancellation));

    /// <inheritdoc/>
    public Task<SignalledSession> JoinAsync(string stream, LocalDescription local, CancellationToken cancellation) =>
        local.Sends ? PublishAsync(stream, local, cancellation) : WatchAsync(stream, local, cancellation);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _api.DisposeAsync();

    private async Task<SignalledSession> PublishAsync(string stream, LocalDescription local, CancellationToken cancellation)
    {
        var handle = await _api.AttachAsync(cancellation);
        var room = Interlocked.Increment(ref _rooms);
        var codec = (local.Codec ?? CodecKind.Vp8).ToString().ToLowerInvariant();
        await _api.RequestAsync(
            handle,
            new JsonObject { ["request"] = "create", ["room"] = room, ["publishers"] = 1, ["videocodec"] = codec, ["audiocodec"] = "opus", ["bitrate"] = 0 },
            null,
            cancellation);
        var reply = await _api.RequestAsync(
            handle,
            new JsonObject { ["request"] = "joinandconfigure", ["ptype"] = "publisher", ["room"] = room, ["audio"] = local.WithAudio, ["video"] = true },
            Description("offer", OfferWriter.Write(local)),
            cancellation);
        var feed = (ulong?)reply["plugindata"]?["data"]?["id"] ?? throw new SignallingException("Janus named no feed.");
        _feeds[stream] = (room, feed);
        return new SignalledSession(RemoteDescription.Parse(SdpOf(reply)), ThisEndOffered: true, token => _api.DetachAsync(handle, token));
    }

    private async Task<SignalledSession> WatchAsync(string stream, LocalDescription local, CancellationToken cancellation)
    {
        if (!_feeds.TryGetValue(stream, out var feed)) throw new SignallingException($"Nobody publishes {stream} through this process.");
        var handle = await _api.AttachAsync(cancellation);
        var reply = await _api.RequestAsync(
            handle,
            new JsonObject { ["request"] = "join", ["ptype"] = "subscriber", ["room"] = feed.Room, ["streams"] = new JsonArray(new JsonObject { ["feed"] = feed.Feed }) },
            null,
            cancellation);
        if (!SessionDescription.TryParse(SdpOf(reply), out var offer, out var error)) throw new SignallingException($"The offer of Janus cannot be read: {error}");
        await _api.RequestAsync(handle, new JsonObject { ["request"] = "start" }, Description("answer", AnswerWriter.Write(offer, local)), cancellation);
        return new SignalledSession(RemoteDescription.Read(offer), ThisEndOffered: false, token => _api.DetachAsync(handle, token));
    }

    private static JsonObject Description(string type, string sdp) => new() { ["type"] = type, ["sdp"] = sdp };

    private static string SdpOf(JsonObject reply) => (string?)reply["jsep"]?["sdp"] ?? throw new SignallingException($"Janus sent no SDP: {reply.ToJsonString()}");
}
