using Broadcast.Rtc;

namespace Broadcast.Client.Connections;

/// <summary>Waits for the first complete keyframe of a stream: the moment a browser shows a picture.</summary>
internal sealed class KeyframeWatch(CodecKind codec)
{
    private long _first = -1;
    private long _last = -1;
    private uint _timestamp;

    /// <summary>The newest frame seen is part of no keyframe, so one has to be asked for.</summary>
    public bool NeedsKeyframe { get; private set; }

    /// <summary>Notes a decrypted packet.</summary>
    /// <param name="extended">Its sequence number.</param>
    /// <param name="timestamp">Its RTP timestamp.</param>
    /// <param name="marker">It ends a frame.</param>
    /// <param name="payload">With its descriptor.</param>
    public void Receive(long extended, uint timestamp, bool marker, ReadOnlySpan<byte> payload)
    {
        if (KeyframeStart.Is(codec, payload) && (_first < 0 || timestamp != _timestamp || extended < _first))
        {
            if (timestamp != _timestamp) _last = -1;
            _first = extended;
            _timestamp = timestamp;
        }

        if (_first < 0 || timestamp != _timestamp) NeedsKeyframe = _first < 0;
        else if (marker) _last = extended;
    }

    /// <summary>Whether all packets of the keyframe have come.</summary>
    public bool IsComplete(ReceiveTrack track) => _first >= 0 && _last >= _first && track.HasAll(_first, _last);
}
