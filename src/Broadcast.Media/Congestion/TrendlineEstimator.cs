namespace Broadcast.Media.Congestion;

/// <summary>The slope of the queueing delay over the last twenty groups (libwebrtc <c>trendline_estimator.cc</c>).</summary>
/// <remarks>
/// It also tells how fast packets arrived since the delay was least: while a queue builds up, that is what the link gives this flow, and
/// it is known sooner than <see cref="AcknowledgedBitrate"/> learns it. Owned by one <see cref="DelayBasedControl"/>.
/// </remarks>
public sealed class TrendlineEstimator
{
    private const int Window = 20;
    private const double Smoothing = 0.9;

    /// <summary>So much delay gained over the window at most is what a large picture or a busy radio does.</summary>
    private const double SurgeMilliseconds = 80;

    /// <summary>After a moment without transmission the delay falls from group to group; when a queue builds up it rises.</summary>
    private const int SurgeGroups = 2;

    private readonly Point[] _points = new Point[Window];
    private int _count;
    private int _oldest;
    private double _delay;
    private double _smoothed;

    /// <summary>Milliseconds of delay gained per millisecond; 0 until the window is full.</summary>
    public double Slope { get; private set; }

    /// <summary>
    /// True while the delay has risen far in a short time and still rises: the capacity has become a fraction of what it was, which the
    /// smoothed slope shows only after half a second.
    /// </summary>
    public bool IsSurging
    {
        get
        {
            if (_count < Window) return false;
            for (var i = Window - SurgeGroups; i < Window; i++)
            {
                if (At(i).Delay <= At(i - 1).Delay) return false;
            }

            var least = At(0).Delay;
            for (var i = 1; i < Window; i++) least = Math.Min(least, At(i).Delay);
            return At(Window - 1).Delay - least > SurgeMilliseconds;
        }
    }

    /// <summary>What arrived since the delay was least, in bits per second.</summary>
    /// <param name="minMilliseconds">Over less time than this nothing is said.</param>
    public long? RateSinceLeastDelay(double minMilliseconds)
    {
        var least = 0;
        for (var i = 1; i < _count; i++)
        {
            if (At(i).Delay < At(least).Delay) least = i;
        }

        double milliseconds = 0, bytes = 0;
        for (var i = least + 1; i < _count; i++)
        {
            milliseconds += At(i).Milliseconds;
            bytes += At(i).Bytes;
        }

        return milliseconds >= minMilliseconds ? (long)(bytes * 8000 / milliseconds) : null;
    }

    /// <summary>Adds what the network did between two groups.</summary>
    public void Add(in GroupDeltas deltas)
    {
        _delay += deltas.ArrivalMilliseconds - deltas.SendMilliseconds;
        _smoothed = (Smoothing * _smoothed) + ((1 - Smoothing) * _delay);
        _points[(_oldest + _count) % Window] = new Point((float)deltas.ArrivalMilliseconds, (float)_delay, (float)_smoothed, deltas.Bytes);
        if (_count < Window) _count++;
        else _oldest = (_oldest + 1) % Window;
        if (_count == Window) Slope = LeastSquares() ?? Slope;
    }

    /// <summary>Begins anew.</summary>
    public void Reset()
    {
        _count = _oldest = 0;
        _delay = _smoothed = Slope = 0;
    }

    private double? LeastSquares()
    {
        double time = 0, sumTime = 0, sumDelay = 0;
        for (var i = 0; i < Window; i++)
        {
            sumTime += time += At(i).Milliseconds;
            sumDelay += At(i).Smoothed;
        }

        var (meanTime, meanDelay) = (sumTime / Window, sumDelay / Window);
        double numerator = 0, denominator = 0;
        time = 0;
        for (var i = 0; i < Window; i++)
        {
            time += At(i).Milliseconds;
            numerator += (time - meanTime) * (At(i).Smoothed - meanDelay);
            denominator += (time - meanTime) * (time - meanTime);
        }

        return denominator > 0 ? numerator / denominator : null;
    }

    private ref readonly Point At(int index) => ref _points[(_oldest + index) % Window];

    /// <param name="Milliseconds">From the arrival of the group before it.</param>
    /// <param name="Delay">Gained since the first group.</param>
    /// <param name="Smoothed">The same, smoothed.</param>
    /// <param name="Bytes">Of the group.</param>
    private readonly record struct Point(float Milliseconds, float Delay, float Smoothed, int Bytes);
}
