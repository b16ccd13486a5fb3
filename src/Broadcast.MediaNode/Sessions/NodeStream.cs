using Broadcast.Media.Routing;
using Broadcast.Media.Sessions;
using Broadcast.Rtc;

namespace Broadcast.MediaNode.Sessions;

/// <summary>What the control side keeps of a stream. Guarded by the media plane's control lock.</summary>
internal sealed class NodeStream(string streamId)
{
    private int _epochs;

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

    public int NextEpoch() => ++_epochs;

    public StreamSnapshot Snapshot() => new(
        Live.StreamId,
        StartedAt is not null,
        StartedAt,
        Live.Publication?.Epoch ?? 0,
        Live.Viewers,
        Publisher is null ? [] : [.. Publisher.Tracks.Select(track => track.Snapshot())]);
}
