namespace Broadcast.Media.Congestion;

/// <summary>Where the link was full before: near it the rate grows slowly (libwebrtc <c>link_capacity_estimator.cc</c>).</summary>
/// <remarks>Owned by one <see cref="AimdRateControl"/>.</remarks>
public struct LinkCapacity
{
    private const double Weight = 0.05;
    private const double StartDeviation = 0.4;
    private const double MaxDeviation = 2.5;
    private const double Deviations = 3;

    private double _kilobits;
    private double _deviation;
    private bool _isKnown;

    /// <summary>Bits per second; null while it is not known.</summary>
    public readonly long? BitsPerSecond => _isKnown ? (long)(_kilobits * 1000) : null;

    /// <summary>Forgets it: the link is another one.</summary>
    public void Reset() => _isKnown = false;

    /// <summary>More than it carries was sent; this much arrived.</summary>
    public void OnOveruse(long acknowledgedBitsPerSecond)
    {
        var sample = acknowledgedBitsPerSecond / 1000.0;
        if (!_isKnown && _deviation == 0) _deviation = StartDeviation;
        _kilobits = _isKnown ? _kilobits + (Weight * (sample - _kilobits)) : sample;
        _isKnown = true;
        var error = _kilobits - sample;
        _deviation = Math.Clamp(((1 - Weight) * _deviation) + (Weight * error * error / Math.Max(_kilobits, 1)), StartDeviation, MaxDeviation);
    }

    /// <summary>True when a rate is so much higher that this cannot be the same link.</summary>
    public readonly bool IsBelow(long bitsPerSecond) => _isKnown && bitsPerSecond / 1000.0 > _kilobits + Range;

    /// <summary>True when a rate is so much lower that this cannot be the same link.</summary>
    public readonly bool IsAbove(long bitsPerSecond) => _isKnown && bitsPerSecond / 1000.0 < _kilobits - Range;

    private readonly double Range => Deviations * Math.Sqrt(_deviation * _kilobits);
}
