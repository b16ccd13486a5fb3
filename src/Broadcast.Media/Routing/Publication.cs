using Broadcast.Rtc;

namespace Broadcast.Media.Routing;

/// <summary>One publisher session of a stream: an epoch and its tracks. Immutable but for what the tracks hold.</summary>
public sealed class Publication(int epoch, string sessionId, IReadOnlyList<SourceTrack> tracks, Action wakePublisher)
{
    private int _ended;

    /// <summary>Counts the publisher sessions of a stream. A reused SSRC in another epoch is not continuity.</summary>
    public int Epoch { get; } = epoch;

    /// <summary>The ingest session.</summary>
    public string SessionId { get; } = sessionId;

    /// <summary>At most one audio and one video track.</summary>
    public IReadOnlyList<SourceTrack> Tracks { get; } = tracks;

    /// <summary>Wakes the publisher's worker, for a keyframe request made on another thread.</summary>
    public Action WakePublisher { get; } = wakePublisher;

    /// <summary>True after the publisher left; what is in the logs may still be forwarded.</summary>
    public bool HasEnded => Volatile.Read(ref _ended) != 0;

    /// <summary>The track of a kind, or null.</summary>
    public SourceTrack? TrackOf(MediaKind kind)
    {
        foreach (var track in Tracks)
        {
            if (track.Kind == kind) return track;
        }

        return null;
    }

    /// <summary>Marks the publication as over.</summary>
    public void End() => Volatile.Write(ref _ended, 1);
}
