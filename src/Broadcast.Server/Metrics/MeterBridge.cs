using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using Prometheus;

namespace Broadcast.Server.Metrics;

/// <summary>Shows the instruments of every meter whose name begins with "Broadcast", and those of the runtime, in Prometheus format.</summary>
/// <remarks>
/// The packet path counts in plain fields and publishes them by observable instruments, which cost nothing until
/// somebody asks. Names: dots become underscores, <c>broadcast_</c> is put before those of this program, the unit behind, and
/// <c>_total</c> after counters.
/// </remarks>
internal sealed class MeterBridge : IDisposable
{
    private const string Runtime = "System.Runtime";

    /// <summary>What the runtime gives as counters although it goes down again.</summary>
    private static readonly string[] Gauges = ["dotnet.thread_pool.thread.count", "dotnet.thread_pool.queue.length"];

    private static readonly double[] DefaultBuckets = [.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5];

    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<string, Collector> _collectors = new(StringComparer.Ordinal);
    private readonly CollectorRegistry _registry;
    private readonly MetricFactory _factory;

    public MeterBridge()
    {
        _registry = Prometheus.Metrics.NewCustomRegistry();
        _factory = Prometheus.Metrics.WithCustomRegistry(_registry);
        DotNetStats.Register(_registry);
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name.StartsWith("Broadcast", StringComparison.Ordinal) || instrument.Meter.Name == Runtime)
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<byte>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.SetMeasurementEventCallback<float>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.Start();
    }

    /// <summary>Reads all observable instruments and writes everything as text.</summary>
    public Task WriteAsync(Stream output, CancellationToken cancellation)
    {
        _listener.RecordObservableInstruments();
        return _registry.CollectAndExportAsTextAsync(output, cancellation);
    }

    public void Dispose() => _listener.Dispose();

    private void Record(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var labels = new string[tags.Length];
        var values = new string[tags.Length];
        for (var index = 0; index < tags.Length; index++)
        {
            labels[index] = Name(tags[index].Key);
            values[index] = Convert.ToString(tags[index].Value, CultureInfo.InvariantCulture) ?? "";
        }

        var collector = _collectors.GetOrAdd(instrument.Name, _ => Create(instrument, labels));
        switch (collector)
        {
            case Counter counter when instrument.IsObservable:
                counter.WithLabels(values).IncTo(value);
                break;
            case Counter counter:
                counter.WithLabels(values).Inc(value);
                break;
            case Histogram histogram:
                histogram.WithLabels(values).Observe(value);
                break;
            case Gauge gauge when instrument.GetType().Name.StartsWith("UpDownCounter", StringComparison.Ordinal):
                gauge.WithLabels(values).Inc(value);
                break;
            case Gauge gauge:
                gauge.WithLabels(values).Set(value);
                break;
        }
    }

    private Collector Create(Instrument instrument, string[] labels)
    {
        var kind = instrument.GetType().Name;
        var name = FullName(instrument);
        var help = instrument.Description ?? "";
        if (kind.StartsWith("Histogram", StringComparison.Ordinal))
            return _factory.CreateHistogram(name, help, labels, new HistogramConfiguration { Buckets = Buckets(instrument) });
        if (!Gauges.Contains(instrument.Name) && (kind.StartsWith("Counter", StringComparison.Ordinal) || kind.StartsWith("ObservableCounter", StringComparison.Ordinal)))
            return _factory.CreateCounter(name.EndsWith("_total", StringComparison.Ordinal) ? name : name + "_total", help, labels);
        return _factory.CreateGauge(name, help, labels);
    }

    private static double[] Buckets(Instrument instrument) =>
        (instrument as Histogram<double>)?.Advice?.HistogramBucketBoundaries is { Count: > 0 } advised ? [.. advised] : DefaultBuckets;

    private static string FullName(Instrument instrument)
    {
        var name = Name(instrument.Name);
        if (instrument.Meter.Name != Runtime && !name.StartsWith("broadcast_", StringComparison.Ordinal)) name = "broadcast_" + name;
        return name + (instrument.Unit switch { "s" => "_seconds", "By" => "_bytes", _ => "" });
    }

    private static string Name(string name) => name.Replace('.', '_').Replace('-', '_');
}
