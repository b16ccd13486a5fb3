using Broadcast.Media.Layers;
using Broadcast.Rtc;

namespace Broadcast.Media.Routing;

/// <summary>One publisher session of a stream: an epoch and its tracks. Immutable but for what the tracks hold, and the qualities there are.</summary>
public sealed class Publication
{
    private static int _lastOrdinal;

    private QualityLadder _qualities;
    private int _ended;

    /// <summary>Creates a publication.</summary>
    public Publication(PublicationEpoch epoch, string sessionId, IReadOnlyList<SourceTrack> tracks, Action wakePublisher)
    {
        Epoch = epoch;
        SessionId = sessionId;
        Tracks = tracks;
        WakePublisher = wakePublisher;
        for (var i = 0; i < tracks.Count; i++) tracks[i].Index = i;
        _qualities = QualityLadder.Unmeasured(tracks);
    }

    /// <summary>Which publisher session of the stream. A reused SSRC in another epoch is not continuity.</summary>
    public PublicationEpoch Epoch { get; }

    /// <summary>Unlike that of every other publication of this process.</summary>
    public int Ordinal { get; } = Interlocked.Increment(ref _lastOrdinal);

    /// <summary>The ingest session.</summary>
    public string SessionId { get; }

    /// <summary>At most one audio track, and one picture in one or more encodings; at most 64.</summary>
    public IReadOnlyList<SourceTrack> Tracks { get; }

    /// <summary>The qualities of the picture, as last measured. Written by the publisher's worker, read by any.</summary>
    public QualityLadder Qualities
    {
        get => Volatile.Read(ref _qualities);
        set => Volatile.Write(ref _qualities, value);
    }

    /// <summary>Wakes the publisher's worker, for a keyframe request made on another thread.</summary>
    public Action WakePublisher { get; }

    /// <summary>True after the publisher left; what is in the logs may still be forwarded.</summary>
    public bool HasEnded => Volatile.Read(ref _ended) != 0;

    /// <summary>The first track of a kind, or null.</summary>
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
