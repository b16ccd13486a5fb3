using System.Diagnostics.Metrics;

namespace Broadcast.Signalling.Auth;

/// <summary>What the authorisation webhook said, as instruments of the meter "Broadcast.Auth".</summary>
internal sealed class AuthMeters : IDisposable
{
    private readonly Meter _meter = new("Broadcast.Auth");
    private readonly Counter<long> _answers;
    private readonly Histogram<double> _seconds;

    public AuthMeters()
    {
        _answers = _meter.CreateCounter<long>("auth.webhook.answers", null, "Callers that the authorisation webhook was to judge, by outcome.");
        _seconds = _meter.CreateHistogram<double>("auth.webhook.seconds", "s", "Time until the authorisation webhook answered.");
    }

    /// <summary>Tells the instruments of this node from those of others in the process.</summary>
    public Meter Meter => _meter;

    /// <param name="outcome">allowed, denied, unavailable; cached and shared: not asked.</param>
    public void Count(string outcome) => _answers.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    public void Time(TimeSpan elapsed) => _seconds.Record(elapsed.TotalSeconds);

    public void Dispose() => _meter.Dispose();
}
