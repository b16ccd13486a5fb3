using Broadcast.Client.Media;
using Broadcast.Rtc;

namespace Broadcast.Client.Connections;

/// <summary>Plays one encoding of a publisher's picture in a loop and in real time. Belongs to one publisher.</summary>
internal sealed class VideoPlayer
{
    private const double PacingFactor = 2.5;

    // libwebrtc's encoder makes at most one requested keyframe in 300 ms.
    private static readonly TimeSpan KeyframeSpacing = TimeSpan.FromMilliseconds(300);

    private readonly SentTimes? _sentTimes;
    private readonly TimeSpan _packetInterval;
    private MonotonicTime _nextPacket = MonotonicTime.Never;
    private int _packetOfFrame;
    private bool _keyframeWanted;
    private MonotonicTime _keyframeAt;

    /// <summary>Creates it.</summary>
    /// <param name="track">What is played.</param>
    /// <param name="sentTimes">Filled for the viewers of this process; null where nobody asks.</param>
    /// <param name="pacing">How frames leave.</param>
    public VideoPlayer(SendTrack track, SentTimes? sentTimes, Pacing pacing)
    {
        Track = track;
        _sentTimes = sentTimes;
        if (pacing == Pacing.Paced) _packetInterval = TimeSpan.FromSeconds(ClipBuilder.MaxPayload * 8 / (PacingFactor * track.Clip.BitsPerSecond));
    }

    /// <summary>What is played.</summary>
    public SendTrack Track { get; }

    /// <summary>When frame 0 would have been sent.</summary>
    public MonotonicTime Start { get; set; }

    /// <summary>When it wants to be called next.</summary>
    public MonotonicTime NextTimeout => _nextPacket != MonotonicTime.Never ? _nextPacket : Track.DueSince(Start);

    /// <summary>Has the clip jump to a keyframe soon.</summary>
    public void WantKeyframe() => _keyframeWanted = true;

    /// <summary>Sends what is due.</summary>
    /// <returns>How many packets.</returns>
    public int Play(Peer peer, MonotonicTime now, ref ushort transportSequence)
    {
        if (_nextPacket != MonotonicTime.Never) return SendPaced(peer, now, ref transportSequence);
        var sent = 0;
        Start += Track.LagBehind(Start, now);
        while (now >= Track.DueSince(Start))
        {
            if (_keyframeWanted && now - _keyframeAt >= KeyframeSpacing)
            {
                _keyframeWanted = false;
                Track.JumpToKeyframe();
            }

            var frame = Track.Clip[Track.NextFrame];
            if (frame.IsKeyframe) _keyframeAt = now;
            _packetOfFrame = 0;
            if (_packetInterval > TimeSpan.Zero)
            {
                _nextPacket = now;
                return sent + SendPaced(peer, now, ref transportSequence);
            }

            while (_packetOfFrame < frame.Count) SendPacket(peer, frame, now, ref transportSequence);
            sent += frame.Count;
            Track.EndFrame();
        }

        return sent;
    }

    private int SendPaced(Peer peer, MonotonicTime now, ref ushort transportSequence)
    {
        var frame = Track.Clip[Track.NextFrame];
        var first = _packetOfFrame;
        while (now >= _nextPacket && _packetOfFrame < frame.Count)
        {
            SendPacket(peer, frame, now, ref transportSequence);
            _nextPacket += _packetInterval;
        }

        var sent = _packetOfFrame - first;
        if (_packetOfFrame < frame.Count) return sent;
        _nextPacket = MonotonicTime.Never;
        Track.EndFrame();
        return sent;
    }

    private void SendPacket(Peer peer, in MediaClip.Frame frame, MonotonicTime now, ref ushort transportSequence)
    {
        var packet = frame.First + _packetOfFrame++;
        _sentTimes?.Set(packet, now);
        Track.Send(peer, packet, marker: _packetOfFrame == frame.Count, ref transportSequence);
    }
}
