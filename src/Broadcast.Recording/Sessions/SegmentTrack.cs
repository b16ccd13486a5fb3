using Broadcast.Recording.Frames;
using Broadcast.Recording.Tap;
using Broadcast.Rtc;
using Broadcast.Rtc.Payloads;
using Broadcast.Vod.Recordings;

namespace Broadcast.Recording.Sessions;

/// <summary>What a recording knows of its picture or its sound: format, how far it is, and what is missing.</summary>
internal sealed class SegmentTrack(MediaKind kind)
{
    /// <summary>Sound that is missing for less than this is not told: decoders conceal it, and a lossy network without repair has it every second.</summary>
    public static readonly TimeSpan ShortestSoundGap = TimeSpan.FromMilliseconds(60);

    private static readonly TimeSpan ShortestPictureGap = TimeSpan.FromMilliseconds(10);

    /// <summary>Without a known cause: a picture stands still, and silence is not sent, but not for so long.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan LongestFrame = TimeSpan.FromMilliseconds(100);
    private TimeSpan _last;

    /// <summary>Audio or video.</summary>
    public MediaKind Kind { get; } = kind;

    /// <summary>What gaps call it.</summary>
    public MissingMedia Missing { get; } = kind == MediaKind.Video ? MissingMedia.Video : MissingMedia.Audio;

    /// <summary>As of the newest frame that may begin a segment; null before the first.</summary>
    public TrackFormat? Format { get; set; }

    /// <summary>The format in the open segment; null when it has no such track.</summary>
    public TrackFormat? Written { get; set; }

    /// <summary>Its index in the open segment.</summary>
    public int Index { get; set; }

    /// <summary>Of the newest frame, from the recording's beginning on.</summary>
    public TimeSpan Position => _last;

    /// <summary>Where its newest frame ends, as far as is known.</summary>
    public TimeSpan End { get; private set; }

    /// <summary>What is missing up to here has been told.</summary>
    public void SkipTo(TimeSpan position) => (_last, End) = (position, position);

    /// <summary>Frames of this kind have been missing since its end; why, if that is to be told.</summary>
    public GapReason? GapBefore(TimeSpan position, GapReason? known)
    {
        var missing = position - End;
        if (known is not null && missing >= (Kind == MediaKind.Video ? ShortestPictureGap : ShortestSoundGap)) return known;
        return missing >= Silence ? GapReason.PublisherAway : null;
    }

    /// <summary>Notes a frame that was written.</summary>
    public void NoteWritten(TimeSpan position, in TappedFrame frame)
    {
        var length = position - _last;
        if (Kind == MediaKind.Audio) length = OpusPacket.TryDuration(frame.Data, out var units) == DropReason.None ? TimeSpan.FromSeconds(units / (double)OpusPacket.ClockRateHz) : TimeSpan.Zero;
        _last = position;
        End = position + (length < LongestFrame ? length : LongestFrame);
    }
}
