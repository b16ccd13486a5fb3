using System.Diagnostics.Metrics;

namespace Broadcast.Recording;

/// <summary>The recorder's figures as observable instruments of the meter "Broadcast.Recording".</summary>
public sealed class RecordingMeters : IDisposable
{
    private readonly Meter _meter = new("Broadcast.Recording");

    /// <summary>Registers the instruments.</summary>
    public RecordingMeters(Recorder recorder)
    {
        _meter.CreateObservableGauge("recording.running", () => recorder.Totals.Running, null, "Recordings that run now.");
        _meter.CreateObservableGauge("recording.stuck", () => recorder.Totals.Stuck, null, "Recordings that cannot be written now: the disk is full or gone.");
        _meter.CreateObservableCounter("recording.bytes", () => recorder.Totals.Bytes, null, "Bytes of segments.");
        _meter.CreateObservableCounter("recording.gaps", () => recorder.Totals.Gaps, null, "Gaps that were declared.");
        _meter.CreateObservableCounter("recording.ended", () => recorder.Totals.Ended, null, "Recordings that came to an end.");
        _meter.CreateObservableCounter("recording.failed", () => recorder.Totals.Failed, null, "Recordings that came to a bad one.");
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();
}
