using System.Diagnostics.Metrics;

namespace Broadcast.Signalling.Webhooks;

/// <summary>What becomes of deliveries, by target, as instruments of the meter "Broadcast.Webhooks".</summary>
internal sealed class WebhookMeters : IDisposable
{
    private readonly Meter _meter = new("Broadcast.Webhooks");

    public WebhookMeters(WebhookHub hub)
    {
        _meter.CreateObservableCounter("webhooks.delivered", () => Each(hub, sender => sender.Delivered), null, "Deliveries that a target has taken.");
        _meter.CreateObservableCounter("webhooks.failed", () => Each(hub, sender => sender.Failed), null, "Deliveries that were given up.");
        _meter.CreateObservableGauge("webhooks.waiting", () => Each(hub, sender => sender.Waiting), null, "Deliveries that wait for a target.");
        _meter.CreateObservableGauge("webhooks.dead_letters", () => hub.Dead.Count, null, "Deliveries that were given up and are kept.");
    }

    public void Dispose() => _meter.Dispose();

    private static IEnumerable<Measurement<long>> Each(WebhookHub hub, Func<WebhookSender, long> read) =>
        hub.Senders.Select(sender => new Measurement<long>(read(sender), new KeyValuePair<string, object?>("target", sender.Target.Name)));
}
