using Broadcast.Media.Peers;
using Broadcast.Media.Sessions;
using Broadcast.Rtc;

namespace Broadcast.MediaNode.Sessions;

/// <summary>Looks at every session and stream about once a second: takes rates, notices what changed by itself, ends what waited too long.</summary>
/// <remarks>Guarded by the media plane's control lock.</remarks>
/// <param name="time">Dates for the snapshots.</param>
/// <param name="publisherGrace">How long viewers wait for a publisher that left.</param>
/// <param name="end">Ends a session soon, with a reason; must not change the collections at once.</param>
internal sealed class Sampler(TimeProvider time, TimeSpan publisherGrace, Action<NodeSession, string> end)
{
    /// <summary>No packet for this long and the stream counts as inactive; Opus DTX still sends every 400 ms.</summary>
    private static readonly TimeSpan SilenceLimit = TimeSpan.FromSeconds(2);

    /// <summary>Takes one sample of everything.</summary>
    /// <returns>What the HTTP plane must hear of.</returns>
    public List<StreamEvent> Sample(IReadOnlyCollection<NodeSession> sessions, IReadOnlyCollection<NodeStream> streams, MonotonicTime now)
    {
        foreach (var session in sessions)
        {
            session.Sample(now);
            if (session.Peer.State == SessionState.New && now - session.Peer.CreatedAt > Peer.AdoptionTimeout) end(session, EndReasons.NeverConnected);
        }

        var changes = new List<StreamEvent>();
        foreach (var stream in streams) Sample(stream, now, changes);
        return changes;
    }

    private void Sample(NodeStream stream, MonotonicTime now, List<StreamEvent> changes)
    {
        if (stream.Live.Viewers != stream.ReportedViewers)
        {
            stream.ReportedViewers = stream.Live.Viewers;
            changes.Add(new StreamEvent(StreamEventKind.ViewerCount, stream.Snapshot()));
        }

        var tracks = stream.Publisher?.Tracks ?? stream.Relay?.Tracks ?? [];
        if (tracks.Aggregate(false, (any, track) => track.TakeFormChanged() || any))
            changes.Add(new StreamEvent(StreamEventKind.Layers, stream.Snapshot()));

        if (NoticeSilence(stream, now) is { } silence) changes.Add(silence);

        // One that comes from another node is over when that node, or the control plane, says so, and not when it is silent.
        var isThere = stream.Publisher is not null || stream.Relay?.Inbound.Publication is { HasEnded: false };
        if (!isThere && stream.Live.Viewers > 0 && now - stream.LeftAt > publisherGrace)
        {
            foreach (var viewer in stream.Viewers) end(viewer, EndReasons.BroadcastOver);
        }
    }

    private static MonotonicTime? LastMedia(NodeStream stream) =>
        stream.Publisher?.Peer.Ingest is { HasMedia: true } ingest ? ingest.LastMedia
        : stream.Publisher is null && stream.Relay?.Inbound is { Publication.HasEnded: false, Packets: > 0 } inbound ? inbound.LastMedia
        : null;

    /// <summary>A publisher whose packets stop coming is inactive to viewers long before its session is over.</summary>
    private StreamEvent? NoticeSilence(NodeStream stream, MonotonicTime now)
    {
        if (LastMedia(stream) is not { } lastMedia) return null;
        var isSilent = now - lastMedia > SilenceLimit;
        if (isSilent == stream.StartedAt is null) return null;
        stream.StartedAt = isSilent ? null : time.GetUtcNow();
        return new StreamEvent(isSilent ? StreamEventKind.Inactive : StreamEventKind.Active, stream.Snapshot());
    }
}
