using System.Diagnostics.Metrics;
using Broadcast.Signalling.Sessions;

namespace Broadcast.Signalling.Telemetry;

/// <summary>What the HTTP plane counts, as instruments of the meter "Broadcast.Signalling".</summary>
internal sealed class SignallingMeters : IDisposable
{
    private readonly Meter _meter = new("Broadcast.Signalling");

    public SignallingMeters(RefusedSessions refused) =>
        _meter.CreateObservableCounter("sessions.refused", () => refused.Total, null, "Publishers and viewers who were refused, for whatever reason.");

    public void Dispose() => _meter.Dispose();
}
