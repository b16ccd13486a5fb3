using Broadcast.Rtc;

namespace Broadcast.Media.Congestion;

/// <summary>Tells whether much is being lost now: what a queue that overflows shows, whose delay does not grow any more.</summary>
/// <remarks>Judges what was sent since a moment, so that nobody acts twice on the same loss. Owned by one <see cref="SendSideEstimator"/>.</remarks>
internal struct HeavyLoss
{
    /// <summary>More than this share is lost: much more than a bad radio loses.</summary>
    private const double Share = 0.25;

    /// <summary>Fewer packets say nothing.</summary>
    private const int MinPackets = 40;

    /// <summary>Judged anew after so much sending.</summary>
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(2);

    private MonotonicTime _from;
    private int _packets;
    private int _lost;

    /// <summary>True while it is.</summary>
    public bool IsPresent { get; private set; }

    /// <summary>Takes what became of a packet.</summary>
    public void Add(in PacketResult result)
    {
        if (result.SentAt < _from) return;
        if (result.SentAt - _from > Window) BeginAt(result.SentAt, isPresent: IsPresent && _packets < MinPackets);
        _packets++;
        if (!result.IsReceived) _lost++;
        if (_packets >= MinPackets) IsPresent = _lost > _packets * Share;
    }

    /// <summary>Forgets what was sent before.</summary>
    public void BeginAt(MonotonicTime now) => BeginAt(now, isPresent: false);

    private void BeginAt(MonotonicTime now, bool isPresent) => (_from, _packets, _lost, IsPresent) = (now, 0, 0, isPresent);
}
