using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Broadcast.Signalling.Limits;

namespace Broadcast.Signalling.Tests.Limits;

/// <summary>What one node's limits count from now on, as "limit/kind".</summary>
internal sealed class CountedRefusals : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentQueue<string> _refused = new();

    public CountedRefusals(LimitMeters meters)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (ReferenceEquals(instrument.Meter, meters.Meter) && instrument.Name == "limits.sessions.refused") listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((_, _, tags, _) => _refused.Enqueue($"{tags[0].Value}/{tags[1].Value}"));
        _listener.Start();
    }

    public IReadOnlyList<string> Refused => [.. _refused];

    public void Dispose() => _listener.Dispose();
}
