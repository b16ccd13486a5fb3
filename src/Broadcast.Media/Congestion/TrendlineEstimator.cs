namespace Broadcast.Media.Congestion;

/// <summary>The slope of the queueing delay over the last twenty groups (libwebrtc <c>trendline_estimator.cc</c>).</summary>
/// <remarks>Owned by one <see cref="DelayBasedControl"/>.</remarks>
public sealed class TrendlineEstimator
{
    private const int Window = 20;
    private const double Smoothing = 0.9;

    private readonly Point[] _points = new Point[Window];
    private int _count;
    private int _oldest;
    private double _now;
    private double _delay;
    private double _smoothed;

    /// <summary>Milliseconds of delay gained per millisecond; 0 until the window is full.</summary>
    public double Slope { get; private set; }

    /// <summary>Adds what the network did between two groups.</summary>
    public void Add(in GroupDeltas deltas)
    {
        _now += deltas.ArrivalMilliseconds;
        _delay += deltas.ArrivalMilliseconds - deltas.SendMilliseconds;
        _smoothed = (Smoothing * _smoothed) + ((1 - Smoothing) * _delay);
        _points[(_oldest + _count) % Window] = new Point(_now, _smoothed);
        if (_count < Window) _count++;
        else _oldest = (_oldest + 1) % Window;
        if (_count == Window) Slope = LeastSquares() ?? Slope;
    }

    /// <summary>Begins anew.</summary>
    public void Reset()
    {
        _count = _oldest = 0;
        _now = _delay = _smoothed = Slope = 0;
    }

    private double? LeastSquares()
    {
        double sumTime = 0, sumDelay = 0;
        foreach (var point in _points)
        {
            sumTime += point.Time;
            sumDelay += point.Delay;
        }

        var (time, delay) = (sumTime / Window, sumDelay / Window);
        double numerator = 0, denominator = 0;
        foreach (var point in _points)
        {
            numerator += (point.Time - time) * (point.Delay - delay);
            denominator += (point.Time - time) * (point.Time - time);
        }

        return denominator > 0 ? numerator / denominator : null;
    }

    private readonly record struct Point(double Time, double Delay);
}
