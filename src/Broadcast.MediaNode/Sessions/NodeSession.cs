using Broadcast.Media.Peers;
using Broadcast.Media.Routing;
using Broadcast.Media.Sessions;
using Broadcast.MediaNode.Telemetry;
using Broadcast.Rtc;

namespace Broadcast.MediaNode.Sessions;

/// <summary>What the control side keeps of a session: names, times and the rates of the last second.</summary>
/// <remarks>Counters are read from the worker's fields without synchronisation; they are only shown.</remarks>
internal sealed class NodeSession(string streamId, SessionKind kind, LiveStream stream, Peer peer, DateTimeOffset createdAt)
{
    private readonly CodecKind[] _codecs =
        [.. (peer.Ingest?.Tracks.Select(track => track.Media) ?? peer.Viewer?.Streams.Select(sender => sender.Media) ?? []).OrderBy(media => media.Kind).Select(media => media.Codec.Codec).Distinct()];
    private long _lastBytes;
    private long _bitsPerSecond;
    private MonotonicTime _lastSample;
    private LayerInUse? _layer;

    public string StreamId => streamId;

    public SessionKind Kind => kind;

    public LiveStream Stream => stream;

    public Peer Peer => peer;

    /// <summary>When its POST came.</summary>
    public MonotonicTime AskedAt { get; init; } = peer.CreatedAt;

    /// <summary>It is known that the first media left, or came.</summary>
    public bool HasMedia { get; set; }

    /// <summary>Its part of the trace of the POST; null when that is not traced.</summary>
    public SessionTrace? Trace { get; init; }

    /// <summary>Every local username fragment this session was ever known by.</summary>
    public List<string> UsernameFragments { get; } = [];

    public TrackRates[] Tracks { get; } = peer.Ingest is not { } ingest
        ? []
        : [.. ingest.Tracks.GroupBy(track => track.Media.Index).Select(encodings => new TrackRates([.. encodings], ingest.Publication))];

    private long Bytes => peer.Ingest?.Bytes ?? peer.Viewer!.Octets;

    /// <summary>Takes the rates of the time since the last call.</summary>
    public void Sample(MonotonicTime now)
    {
        var bytes = Bytes;
        var seconds = (now - _lastSample).TotalSeconds;
        if (seconds > 0 && _lastSample != MonotonicTime.Zero) _bitsPerSecond = (long)((bytes - _lastBytes) * 8 / seconds);
        foreach (var track in Tracks) track.Sample(seconds);
        _lastBytes = bytes;
        _lastSample = now;
    }

    /// <summary>True once after a viewer's quality changed.</summary>
    public bool TakeLayerChanged()
    {
        var layer = peer.Viewer?.Layers.InUse;
        if (ReferenceEquals(layer, _layer)) return false;
        _layer = layer;
        return true;
    }

    public SessionSnapshot Snapshot(MonotonicTime now)
    {
        var ingest = peer.Ingest;
        var viewer = peer.Viewer;
        var lost = ingest?.Tracks.Sum(t => t.Lost) ?? 0;
        var received = ingest?.Tracks.Sum(t => t.Packets) ?? 0;
        return new SessionSnapshot(
            peer.SessionId,
            streamId,
            kind,
            peer.State,
            createdAt,
            peer.ConnectedAt == MonotonicTime.Zero ? TimeSpan.Zero : now - peer.ConnectedAt,
            viewer is not null ? viewer.RoundTrip : ingest!.Tracks.FirstOrDefault(t => t.HasRoundTrip)?.RoundTrip,
            viewer is not null ? viewer.FractionLost / 256.0 : lost + received == 0 ? 0 : (double)lost / (lost + received),
            _bitsPerSecond,
            ingest?.Packets ?? viewer!.Packets,
            Bytes,
            viewer?.Retransmitted ?? ingest!.Tracks.Sum(t => t.Repaired),
            !peer.Ice.IsValidated ? "" : peer.Ice.SelectedPath.IsTcp ? "tcp" : "udp",
            peer.EndReason)
        {
            Layer = viewer?.Layers.InUse,
            EstimatedBitsPerSecond = viewer?.Layers.Estimator.BitsPerSecond ?? 0,
            Epoch = (ingest?.Publication ?? stream.Publication)?.Epoch.Number ?? 0,
            Codecs = _codecs,
            Lost = lost,
            Nacks = viewer?.NacksReceived ?? 0,
            KeyframeRequests = viewer?.KeyframeRequests ?? ingest!.Tracks.Sum(t => t.Source.Keyframes.Asked),
            Switches = viewer?.Streams.Sum(sender => sender.Switches) ?? 0,
        };
    }
}
