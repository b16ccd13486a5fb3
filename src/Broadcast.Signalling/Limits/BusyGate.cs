using Broadcast.Media.Sessions;
using Broadcast.Signalling.Http;

namespace Broadcast.Signalling.Limits;

/// <summary>Says whether newcomers are taken, by how busy the media threads are. Thread-safe.</summary>
/// <remarks>
/// open → closed when the average is above the share → open when it is the margin below. A second in which many join closes nothing: the average
/// takes some seconds to follow, and what newcomers cost when they join is not what they cost afterwards.
/// </remarks>
internal sealed class BusyGate : IDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    /// <summary>Share of the latest second in the average.</summary>
    private const double Follow = 0.25;

    private readonly INodeLoad _load;
    private readonly Live<LimitOptions> _options;
    private readonly ITimer _timer;
    private double _busy;
    private volatile bool _viewersClosed;
    private volatile bool _publishersClosed;

    public BusyGate(INodeLoad load, Live<LimitOptions> options, TimeProvider time)
    {
        (_load, _options) = (load, options);
        _timer = time.CreateTimer(_ => Sample(), null, Period, Period);
    }

    /// <summary>The average, 0 to 1.</summary>
    public double Busy => Volatile.Read(ref _busy);

    public bool IsClosed(SessionKind kind) => kind == SessionKind.Publisher ? _publishersClosed : _viewersClosed;

    public void Dispose() => _timer.Dispose();

    private void Sample()
    {
        var busy = _busy + (Follow * (Math.Clamp(_load.Busy, 0, 1) - _busy));
        Volatile.Write(ref _busy, busy);
        var options = _options.Value;
        _viewersClosed = Decide(_viewersClosed, busy, options.BusyAbove, options.BusyMargin);
        _publishersClosed = Decide(_publishersClosed, busy, options.PublishersBusyAbove, options.BusyMargin);
    }

    private static bool Decide(bool closed, double busy, double above, double margin) => above > 0 && (closed ? busy > above - margin : busy > above);
}
