using Broadcast.Signalling.Http;
using Broadcast.Signalling.Limits;
using Broadcast.Signalling.Webhooks;
using Microsoft.Extensions.Configuration;

namespace Broadcast.Signalling;

/// <summary>Takes over, while the node runs, what of the configuration of the HTTP plane can change: rates, limits, origins and hosts, targets of webhooks.</summary>
public sealed class SignallingReload
{
    /// <summary>Keys below <c>Broadcast</c>, or their beginnings, that count at once.</summary>
    public static readonly IReadOnlyList<string> Keys = ["RateLimit:", "Limits:", "Http:AllowedOrigins:", "Http:AllowedHosts:", "Webhooks:Targets:"];

    private readonly Live<RateLimitOptions> _rates;
    private readonly Live<LimitOptions> _limits;
    private readonly Live<SignallingOptions> _http;
    private readonly WebhookHub _webhooks;
    private readonly WebhookOptions _atStart;

    internal SignallingReload(Live<RateLimitOptions> rates, Live<LimitOptions> limits, Live<SignallingOptions> http, WebhookHub webhooks, WebhookOptions atStart) =>
        (_rates, _limits, _http, _webhooks, _atStart) = (rates, limits, http, webhooks, atStart);

    /// <summary>Reads and checks all of it; nothing has changed until what is returned is called.</summary>
    /// <exception cref="InvalidDataException">Something is wrong with it.</exception>
    public Action Prepare(IConfiguration broadcast)
    {
        var rates = SignallingServices.Bind<RateLimitOptions>(broadcast, "RateLimit");
        var limits = SignallingServices.Bind<LimitOptions>(broadcast, "Limits");
        var http = SignallingServices.Bind<SignallingOptions>(broadcast, "Http");
        var targets = WebhookServices.Read(SignallingServices.Bind<WebhookOptions>(broadcast, "Webhooks"));
        foreach (var target in targets) target.Check(_atStart.AllowInternal);
        return () =>
        {
            _rates.Set(rates);
            _limits.Set(limits);
            _http.Set(http);
            _webhooks.Replace(targets);
        };
    }
}
