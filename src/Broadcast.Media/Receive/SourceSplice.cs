using Broadcast.Rtc;
using Broadcast.Rtc.Rtp;

namespace Broadcast.Media.Receive;

/// <summary>Lets a track go on when its publisher changes the SSRC: the numbers of the new source follow those of the old one.</summary>
/// <remarks>
/// Each source has sequence numbers and timestamps of its own. Taken as they come they would look to viewers like a jump of up
/// to 2^16 packets, which loses their SRTP rollover counter for good (RFC 3711 §3.3.1), or like repeated packets.
/// Owned by the publisher's worker.
/// </remarks>
internal struct SourceSplice(int clockRateHz)
{
    private long _sequenceOffset;
    private long _firstMapped = long.MinValue;
    private long _highest = -1;
    private uint _lastTimestamp;

    /// <summary>True between <see cref="Begin"/> and the first packet of the new source that can start.</summary>
    public bool IsPending { get; private set; }

    /// <summary>When the last packet was mapped.</summary>
    public MonotonicTime LastAt { get; private set; }

    /// <summary>Timestamps of the track less those of its present source.</summary>
    public uint TimestampOffset { get; private set; }

    /// <summary>The next packet comes from another source.</summary>
    public void Begin() => IsPending = _highest >= 0;

    /// <summary>Maps a packet of the present source onto the track.</summary>
    /// <param name="sequence">Extended sequence number of the source; becomes that of the track.</param>
    /// <param name="timestamp">Timestamp of the source; becomes that of the track.</param>
    /// <param name="arrival">When it came.</param>
    /// <param name="canStart">True for audio and where a keyframe begins: a new source may start here.</param>
    /// <returns>Why it has no place on the track, or <see cref="DropReason.None"/>.</returns>
    public DropReason TryMap(ref long sequence, ref uint timestamp, MonotonicTime arrival, bool canStart)
    {
        if (IsPending)
        {
            if (!canStart) return DropReason.RtpBeforeKeyframe;
            IsPending = false;

            // One number stays unused, so that no decoder joins the halves of two frames.
            _firstMapped = _highest + 2;
            _sequenceOffset = _firstMapped - sequence;
            var elapsed = Math.Max(0, (arrival - LastAt).Ticks * 100);
            var step = Math.Max(RtpTimestamp.FromNanoseconds(elapsed, (uint)clockRateHz), (uint)(clockRateHz / 50));
            TimestampOffset = _lastTimestamp + step - timestamp;
        }

        // What the new source sent before its start would take numbers that the old one has used.
        sequence += _sequenceOffset;
        if (sequence < _firstMapped) return DropReason.RtpTooOld;
        timestamp += TimestampOffset;
        if (sequence > _highest) (_highest, _lastTimestamp) = (sequence, timestamp);
        LastAt = arrival;
        return DropReason.None;
    }
}
