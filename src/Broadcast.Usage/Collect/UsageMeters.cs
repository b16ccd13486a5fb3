using System.Diagnostics.Metrics;

namespace Broadcast.Usage.Collect;

/// <summary>What becomes of records, as instruments of the meter "Broadcast.Usage".</summary>
internal sealed class UsageMeters : IDisposable
{
    private readonly Meter _meter = new("Broadcast.Usage");

    public UsageMeters(UsageBook book, UsageWriter writer)
    {
        _meter.CreateObservableCounter("usage.records", () => writer.Written, null, "Usage records written.");
        _meter.CreateObservableCounter("usage.lost", () => book.Lost, null, "Ended sessions without a record, because too many waited for the disk.");
        _meter.CreateObservableCounter("usage.unconnected", () => book.Unconnected, null, "Sessions that were never connected; they leave no record.");
        _meter.CreateObservableGauge("usage.waiting", () => writer.Waiting, null, "Ended sessions whose record waits for the disk.");
    }

    public void Dispose() => _meter.Dispose();
}
