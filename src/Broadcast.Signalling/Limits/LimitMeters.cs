using System.Diagnostics.Metrics;
using Broadcast.Media.Sessions;
using Broadcast.Signalling.Auth;
using Broadcast.Signalling.Http;

namespace Broadcast.Signalling.Limits;

/// <summary>Who was not taken, and why, as instruments of the meter "Broadcast.Limits".</summary>
internal sealed class LimitMeters : IDisposable
{
    private readonly Meter _meter = new("Broadcast.Limits");
    private readonly Counter<long> _refused;
    private readonly Counter<long> _redirected;

    public LimitMeters(BusyGate gate, RateLimits requests, FailedAttempts failures)
    {
        _refused = _meter.CreateCounter<long>("limits.sessions.refused", null, "Sessions that a limit kept out, by limit and kind.");
        _redirected = _meter.CreateCounter<long>("limits.sessions.redirected", null, "Sessions that a limit sent to another node, by limit and kind.");
        _meter.CreateObservableCounter("limits.requests.refused", () => requests.Refused, null, "API requests beyond the rate of their address or token.");
        _meter.CreateObservableCounter("limits.tokens.invalid", () => failures.Invalid, null, "Tokens that were looked at and are not valid.");
        _meter.CreateObservableCounter("limits.tokens.refused", () => failures.Refused, null, "Tokens that were not looked at, for too many invalid ones from their address.");
        _meter.CreateObservableGauge("limits.busy", () => gate.Busy, null, "Share of the busiest media thread's time by which newcomers are taken, averaged, 0 to 1.");
    }

    /// <summary>Tells the instruments of this node from those of others in the process.</summary>
    public Meter Meter => _meter;

    public void Refused(SessionKind kind, SessionLimit limit) => _refused.Add(1, Limit(limit), Kind(kind));

    public void Redirected(SessionKind kind, SessionLimit limit) => _redirected.Add(1, Limit(limit), Kind(kind));

    public void Dispose() => _meter.Dispose();

    private static KeyValuePair<string, object?> Limit(SessionLimit limit) => new("limit", limit switch
    {
        SessionLimit.StreamViewers => "stream_viewers",
        _ => limit.ToString().ToLowerInvariant(),
    });

    private static KeyValuePair<string, object?> Kind(SessionKind kind) => new("kind", kind == SessionKind.Publisher ? "publisher" : "viewer");
}
