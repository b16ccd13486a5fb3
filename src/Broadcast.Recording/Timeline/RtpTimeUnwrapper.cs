using Broadcast.Rtc;

namespace Broadcast.Recording.Timeline;

/// <summary>Makes 64-bit times of a track's 32-bit RTP timestamps, and notices when the publisher's clock jumped.</summary>
/// <remarks>
/// What is expected follows from the time that has passed since the last packet, so that neither a pause of hours nor a wrap in it is taken
/// for a jump. Owned by one thread.
/// </remarks>
internal struct RtpTimeUnwrapper(int clockRateHz)
{
    /// <summary>A timestamp that is further than this from what is expected does not belong to the same clock.</summary>
    public static readonly TimeSpan JumpThreshold = TimeSpan.FromSeconds(10);

    private bool _started;
    private long _last;
    private MonotonicTime _lastAt;

    /// <summary>Unwraps a timestamp.</summary>
    /// <param name="timestamp">Of RTP.</param>
    /// <param name="arrival">When its packet came.</param>
    /// <param name="unwrapped">In the same units; a track begins with its first timestamp as it is.</param>
    /// <returns>False when the clock jumped; nothing is changed then.</returns>
    public bool TryUnwrap(uint timestamp, MonotonicTime arrival, out long unwrapped)
    {
        if (!_started)
        {
            (_started, _last, _lastAt) = (true, timestamp, arrival);
            unwrapped = timestamp;
            return true;
        }

        var expected = _last + (long)((arrival - _lastAt).TotalSeconds * clockRateHz);
        unwrapped = expected + (int)(timestamp - (uint)expected);
        if (Math.Abs(unwrapped - expected) > JumpThreshold.TotalSeconds * clockRateHz) return false;
        if (arrival >= _lastAt) (_last, _lastAt) = (unwrapped, arrival);
        return true;
    }

    /// <summary>Unwraps a timestamp near the newest one, without a change: that of a sender report.</summary>
    /// <returns>False before the first packet, and when it belongs to another clock.</returns>
    public readonly bool TryPlace(uint timestamp, MonotonicTime at, out long unwrapped)
    {
        unwrapped = 0;
        if (!_started) return false;
        var expected = _last + (long)((at - _lastAt).TotalSeconds * clockRateHz);
        unwrapped = expected + (int)(timestamp - (uint)expected);
        return Math.Abs(unwrapped - expected) <= JumpThreshold.TotalSeconds * clockRateHz;
    }

    /// <summary>The next packet begins another clock.</summary>
    public void Reset() => _started = false;
}
