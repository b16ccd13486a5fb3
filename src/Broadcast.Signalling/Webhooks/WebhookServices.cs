using Broadcast.Signalling.Http;
using Broadcast.Signalling.Sessions;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Broadcast.Signalling.Webhooks;

/// <summary>Registers webhooks. Others may add a <see cref="WebhookTarget"/>, and tell <see cref="IWebhooks"/> of what happens with them.</summary>
internal static class WebhookServices
{
    public static IServiceCollection AddWebhooks(this IServiceCollection services, IConfiguration broadcast)
    {
        var options = broadcast.GetSection("Webhooks").Get<WebhookOptions>() ?? new WebhookOptions();
        OptionsCheck.Validate(options, "Broadcast:Webhooks");
        services.AddSingleton(options);
        services.AddSingleton(new ConfiguredTargets(Read(options)));
        var path = Path.Combine(broadcast["Data"] ?? "data", "webhooks", "dead-letters.jsonl");
        services.AddSingleton(provider => new DeadLetters(path, options.DeadLetters, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<DeadLetters>>()));
        services.TryAddSingleton(_ => new WebhookNetwork(WebhookClient.Create(options.AllowInternal)));
        services.AddSingleton<WebhookHub>();
        services.AddSingleton<IWebhooks>(provider => provider.GetRequiredService<WebhookHub>());
        services.AddSingleton<WebhooksApi>().AddSingleton<WebhookMeters>().AddSingleton<StreamNews>().AddSingleton<ViewerNews>();
        services.AddSingleton<ISessionJournal>(provider => provider.GetRequiredService<ViewerNews>());
        services.AddHostedService(provider => provider.GetRequiredService<WebhookHub>());
        services.AddSingleton<IHostedService, NodeNews>();
        return services;
    }

    /// <summary>The targets that the configuration names.</summary>
    /// <exception cref="InvalidDataException">The secret of one cannot be read.</exception>
    public static IReadOnlyList<WebhookTarget> Read(WebhookOptions options) =>
    [
        .. options.Targets.Select(target => new WebhookTarget(new Uri(target.Url), WebhookTarget.ReadSecret(target.SecretFile, "Broadcast:Webhooks:Targets:SecretFile"), [.. target.Events])),
    ];
}
