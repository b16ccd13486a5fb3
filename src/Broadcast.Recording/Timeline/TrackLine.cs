using Broadcast.Rtc;

namespace Broadcast.Recording.Timeline;

/// <summary>What is known of a track's clock: media time in ticks of 100 ns, and how it relates to others.</summary>
/// <remarks>Made by <see cref="MediaTimeline.Add"/>, and changed by that timeline alone.</remarks>
internal sealed class TrackLine(int clockRateHz, MediaKind kind)
{
    /// <summary>How much of the time that passes an offset may move: more than two bad crystals (100 ppm each) drift apart.</summary>
    public const double MaxSlew = 500e-6;

    private long? _lastMedia;
    private long? _lastArrival;

    /// <summary>Audio or video.</summary>
    public MediaKind Kind { get; } = kind;

    /// <summary>True when its media have a position.</summary>
    public bool IsPlaced { get; internal set; }

    /// <summary>True when it was placed by arrival, for want of reports.</summary>
    public bool IsProvisional { get; internal set; }

    /// <summary>Ticks to be added to a media time for its position.</summary>
    internal long Offset { get; set; }

    /// <summary>What the offset is moved to, slowly.</summary>
    internal long Target { get; set; }

    /// <summary>The newest pairs of the publisher's wall clock and media time, in ticks.</summary>
    internal (long Wall, long Media)? Report { get; set; }

    /// <summary>The same from capture times that came with the media.</summary>
    internal (long Wall, long Media)? Capture { get; set; }

    /// <summary>Arrival less media time of the packet that was delayed least.</summary>
    internal long? Arrival { get; private set; }

    /// <summary>Reports in a row that contradict the target.</summary>
    internal int Contradictions { get; set; }

    /// <summary>Notes a packet: the least delayed one tells where a track belongs while there are no reports.</summary>
    public void NoteArrival(long rtp, MonotonicTime arrival)
    {
        var media = MediaOf(rtp);
        var offset = (arrival.Nanoseconds / 100) - media;

        // Clocks differ: what was the least delay an hour ago says nothing now.
        if (Arrival is { } known && _lastArrival is { } last && media > last) Arrival = known + ((media - last) / 1000);
        if (Arrival is not { } least || offset < least) Arrival = offset;
        _lastArrival = media;
    }

    /// <summary>The position of a time of a placed track. To be asked for in the order of the frames: the track moves with it.</summary>
    public TimeSpan PositionOf(long rtp)
    {
        var media = MediaOf(rtp);
        if (_lastMedia is { } last && media > last && Target != Offset)
        {
            var most = (long)((media - last) * MaxSlew);
            Offset += Math.Clamp(Target - Offset, -most, most);
        }

        if (_lastMedia is not { } newest || media > newest) _lastMedia = media;
        return new TimeSpan(media + Offset);
    }

    /// <summary>The same without moving anything.</summary>
    public TimeSpan Peek(long rtp) => new(MediaOf(rtp) + Offset);

    /// <summary>Media time of an RTP time.</summary>
    internal long MediaOf(long rtp) => (long)((Int128)rtp * TimeSpan.TicksPerSecond / clockRateHz);
}
