namespace Broadcast.MediaNode.Telemetry;

/// <summary>The figures of one scrape: instruments are read one after the other, and the sessions are gone through once for all of them.</summary>
internal sealed class FiguresOfAMoment(MediaPlane plane)
{
    /// <summary>Longer than a scrape takes, shorter than anybody scrapes.</summary>
    private const long Lifetime = 200;

    private readonly Lock _lock = new();
    private MediaFigures? _figures;
    private long _takenAt;

    /// <summary>As they are now, or were when the scrape began.</summary>
    public MediaFigures Now
    {
        get
        {
            lock (_lock)
            {
                var now = Environment.TickCount64;
                if (_figures is null || now - _takenAt > Lifetime) (_figures, _takenAt) = (plane.Figures, now);
                return _figures;
            }
        }
    }
}
