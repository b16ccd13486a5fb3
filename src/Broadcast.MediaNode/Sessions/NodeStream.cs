using Broadcast.Media.Routing;
using Broadcast.Media.Sessions;
using Broadcast.MediaNode.Relay;
using Broadcast.RelayPlane;
using Broadcast.Rtc;

namespace Broadcast.MediaNode.Sessions;

/// <summary>What the control side keeps of a stream. Guarded by the media plane's control lock.</summary>
internal sealed class NodeStream(string streamId)
{
    private long _epochs;

    public LiveStream Live { get; } = new(streamId);

    /// <summary>The session that publishes now; null when nobody does.</summary>
    public NodeSession? Publisher { get; set; }

    /// <summary>The last publication that was live: what the viewers' sessions were negotiated for.</summary>
    public Publication? PublishedBefore { get; set; }

    public HashSet<NodeSession> Sessions { get; } = [];

    public IEnumerable<NodeSession> Viewers => Sessions.Where(session => session.Kind == SessionKind.Viewer);

    /// <summary>When the present publication became active; null while it is not.</summary>
    public DateTimeOffset? StartedAt { get; set; }

    /// <summary>When the last publisher left.</summary>
    public MonotonicTime LeftAt { get; set; }

    public int ReportedViewers { get; set; }

    /// <summary>Of the newest command of the control plane; nothing without a cluster.</summary>
    public StreamStamp Stamp { get; set; }

    /// <summary>The stream as it comes from other nodes; null where it is published.</summary>
    public RelayedStream? Relay { get; set; }

    /// <summary>The epoch that the control plane has decided on.</summary>
    public PublicationEpoch Epoch => new(Stamp.Epoch, Stamp.Claim);

    /// <summary>Sessions that publish or are about to.</summary>
    public IEnumerable<NodeSession> Publishers => Sessions.Where(session => session.Kind == SessionKind.Publisher && session.Peer.State != SessionState.Ended);

    public bool HasPublisher => Publishers.Any();

    /// <summary>The epoch of the next publication: what the cluster has granted, or one more than the last.</summary>
    public PublicationEpoch NextEpoch()
    {
        var isGranted = Stamp.Epoch > _epochs;
        _epochs = Math.Max(_epochs + 1, Stamp.Epoch);
        return new PublicationEpoch(_epochs, isGranted ? Stamp.Claim : 0);
    }

    public StreamSnapshot Snapshot() => new(
        Live.StreamId,
        StartedAt is not null,
        StartedAt,
        (int)(Live.Publication?.Epoch.Number ?? 0),
        Live.Viewers,
        [.. (Publisher?.Tracks ?? Relay?.Tracks ?? []).Select(track => track.Snapshot())]);
}
