namespace Broadcast.Media.Congestion;

/// <summary>Compares the slope of the delay with a threshold that adapts to what the network does of itself, so that a flow which
/// fills queues (TCP) does not starve this one (draft-ietf-rmcat-gcc-02 §5.4; libwebrtc <c>trendline_estimator.cc</c>).</summary>
/// <remarks>Owned by one <see cref="DelayBasedControl"/>.</remarks>
public sealed class OveruseDetector
{
    private const double Gain = 4;
    private const int MaxDeltas = 60;
    private const double StartThreshold = 12.5;
    private const double MinThreshold = 6;
    private const double MaxThreshold = 600;
    private const double Up = 0.0087;
    private const double Down = 0.039;
    private const double MaxAdaptStep = 15;
    private const double MaxAdaptMilliseconds = 100;

    /// <summary>libwebrtc takes 10 ms; a keyframe six times as large as another frame, paced at 2.5 times the rate, takes 80 ms.</summary>
    private const double OveruseMilliseconds = 100;

    private int _deltas;
    private double _previousSlope;
    private double _overusing = -1;
    private int _overuses;

    /// <summary>What the network is taken for.</summary>
    public NetworkUsage Usage { get; private set; }

    /// <summary>The present threshold, in milliseconds of delay gained over the window.</summary>
    public double Threshold { get; private set; } = StartThreshold;

    /// <summary>Takes the slope after another group.</summary>
    /// <param name="slope">Of <see cref="TrendlineEstimator"/>.</param>
    /// <param name="deltas">What was added to it last.</param>
    /// <param name="isSurging">True where the delay rises so fast that nothing else needs to be known.</param>
    public void Update(double slope, in GroupDeltas deltas, bool isSurging = false)
    {
        if (_deltas < MaxDeltas) _deltas++;
        if (_deltas < 2) return;

        var gained = _deltas * slope * Gain;
        if (isSurging) Usage = NetworkUsage.Overuse;
        else if (gained > Threshold) Overuse(slope, deltas.SendMilliseconds);
        else
        {
            _overusing = -1;
            _overuses = 0;
            Usage = gained < -Threshold ? NetworkUsage.Underuse : NetworkUsage.Normal;
        }

        _previousSlope = slope;
        Adapt(Math.Abs(gained), Math.Min(deltas.ArrivalMilliseconds, MaxAdaptMilliseconds));
    }

    /// <summary>Begins anew.</summary>
    public void Reset()
    {
        (_deltas, _overuses, _overusing, _previousSlope) = (0, 0, -1, 0);
        (Threshold, Usage) = (StartThreshold, NetworkUsage.Normal);
    }

    /// <summary>Above the threshold long enough, more than once, and not already falling.</summary>
    private void Overuse(double slope, double milliseconds)
    {
        _overusing = _overusing < 0 ? milliseconds / 2 : _overusing + milliseconds;
        _overuses++;
        if (_overusing <= OveruseMilliseconds || _overuses < 2 || slope < _previousSlope) return;
        (_overusing, _overuses) = (0, 0);
        Usage = NetworkUsage.Overuse;
    }

    private void Adapt(double gained, double milliseconds)
    {
        // A sudden change of the route must not make it deaf.
        if (gained > Threshold + MaxAdaptStep) return;
        Threshold = Math.Clamp(Threshold + ((gained < Threshold ? Down : Up) * (gained - Threshold) * milliseconds), MinThreshold, MaxThreshold);
    }
}
