using Broadcast.Media.Receive;
using Broadcast.Media.Sessions;
using Broadcast.Rtc;

namespace Broadcast.MediaNode.Sessions;

/// <summary>The rates of a published track over the last second.</summary>
internal sealed class TrackRates(ReceiveTrack track)
{
    private long _bytes;
    private long _frames;
    private long _bitsPerSecond;
    private double _framesPerSecond;
    private (int Width, int Height) _size;

    public void Sample(double seconds)
    {
        if (seconds > 0)
        {
            _bitsPerSecond = (long)((track.Bytes - _bytes) * 8 / seconds);
            _framesPerSecond = track.Media.Kind == MediaKind.Video ? Math.Round((track.Frames - _frames) / seconds, 1) : 0;
        }

        _bytes = track.Bytes;
        _frames = track.Frames;
    }

    /// <summary>True once after the picture size changed.</summary>
    public bool TakeSizeChanged()
    {
        var size = (track.Width, track.Height);
        if (size == _size) return false;
        _size = size;
        return true;
    }

    public TrackSnapshot Snapshot() => new(
        track.Media.Kind,
        track.Source.Codec,
        track.Width,
        track.Height,
        _framesPerSecond,
        _bitsPerSecond,
        track.Packets,
        track.Lost,
        track.Repaired,
        track.Source.Keyframes.Asked,
        track.Keyframes);
}
