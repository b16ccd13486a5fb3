using Broadcast.Rtc;

namespace Broadcast.Media.Tests.Congestion.Network;

/// <summary>A token bucket that drops what exceeds it, as mobile networks and shapers of providers do: loss without any delay.</summary>
public sealed class Policer(long bitsPerSecond, int burstBytes)
{
    private double _tokens = burstBytes;
    private MonotonicTime _last;

    /// <summary>True when there are tokens for so many bytes.</summary>
    public bool TryPass(int bytes, MonotonicTime now)
    {
        _tokens = Math.Min(burstBytes, _tokens + ((now - _last).TotalSeconds * bitsPerSecond / 8));
        _last = now;
        if (_tokens < bytes) return false;
        _tokens -= bytes;
        return true;
    }
}
