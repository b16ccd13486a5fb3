using Broadcast.Media.Sessions;
using Broadcast.Signalling.Api;
using Broadcast.Signalling.Auth;
using Broadcast.Signalling.Events;
using Broadcast.Signalling.Http;
using Broadcast.Signalling.Limits;
using Broadcast.Signalling.Operate;
using Broadcast.Signalling.Pages;
using Broadcast.Signalling.Sessions;
using Broadcast.Signalling.Telemetry;
using Broadcast.Signalling.Webhooks;
using Broadcast.Signalling.Whep;
using Broadcast.Signalling.Whip;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace Broadcast.Signalling;

/// <summary>Registers and maps the HTTP plane. It needs an <see cref="IMediaPlane"/> and <see cref="Cluster.IClusterOperations"/> from somebody else.</summary>
public static class SignallingServices
{
    /// <summary>Adds everything this project offers, configured from the <c>Broadcast</c> section.</summary>
    public static IServiceCollection AddSignalling(this IServiceCollection services, IConfiguration broadcast)
    {
        var auth = Bind<AuthOptions>(broadcast, "Auth");
        services.AddSingleton(auth);
        services.AddSingleton(Bind<WatchOptions>(broadcast, "Watch"));
        services.AddSingleton(Bind<IceServerOptions>(broadcast, "IceServers"));
        var http = Bind<SignallingOptions>(broadcast, "Http");
        services.AddSingleton(http).AddSingleton(new Live<SignallingOptions>(http));
        services.AddSingleton(new Live<RateLimitOptions>(Bind<RateLimitOptions>(broadcast, "RateLimit")));
        services.AddSingleton(new Live<LimitOptions>(Bind<LimitOptions>(broadcast, "Limits")));
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(new NodeIdentity(Environment.MachineName));
        services.TryAddSingleton<IStreamPlacement, ServeHere>();
        services.TryAddSingleton<IViewerContinuity, NoContinuity>();
        services.TryAddSingleton<IClusterFigures, NoFigures>();
        services.TryAddSingleton<INodeLoad, NoLoad>();
        services.AddSingleton<SessionCounts>().AddSingleton<BusyGate>().AddSingleton<RateLimits>().AddSingleton<LimitMeters>().AddSingleton<SessionAdmission>();
        services.AddSingleton(_ => TokenKeys.Load(auth));
        services.AddSingleton<TokenIssuer>().AddSingleton<TokenVerifier>().AddSingleton<FailedAttempts>().AddSingleton<Gatekeeper>();
        services.AddSingleton<AuthMeters>().AddSingleton(provider => new AuthWebhook(
            auth, provider.GetRequiredService<WebhookOptions>(), provider.GetRequiredService<WebhookNetwork>(), provider.GetRequiredService<AuthMeters>(),
            provider.GetRequiredService<NodeIdentity>(), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<AuthWebhook>>()));
        services.AddSingleton<RemoteKeys>().AddHostedService(provider => provider.GetRequiredService<RemoteKeys>());
        services.AddSingleton<BanList>().AddSingleton<RefusedSessions>().AddSingleton<SignallingMeters>();
        services.AddSingleton<IceServerLinks>().AddSingleton<SessionLinks>().AddSingleton<SessionDirectory>().AddSingleton<StreamEventHub>();
        services.AddSingleton<IdempotencyStore>().AddSingleton<NodeReadiness>().AddSingleton<OfferEndpoint>().AddSingleton<SessionEndpoint>();
        services.AddSingleton<WhipEndpoints>().AddSingleton<WhepEndpoints>().AddSingleton<EventEndpoints>().AddSingleton<LayerEndpoint>();
        services.AddSingleton<StreamsApi>().AddSingleton<SessionsApi>().AddSingleton<TokensApi>().AddSingleton<InfoApi>().AddSingleton<ClusterApi>().AddSingleton<BansApi>();
        services.AddSingleton(provider => new SessionViews(provider.GetRequiredService<IMediaPlane>(), provider.GetRequiredService<SessionDirectory>(), provider.GetRequiredService<BanList>(), provider.GetRequiredService<NodeIdentity>()));
        services.AddResponseCompression(PageCompression.Configure);
        services.AddOperate();
        services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, SignallingJson.Default));
        services.AddWebhooks(broadcast);
        services.AddSingleton(provider => new SignallingReload(
            provider.GetRequiredService<Live<RateLimitOptions>>(), provider.GetRequiredService<Live<LimitOptions>>(), provider.GetRequiredService<Live<SignallingOptions>>(),
            provider.GetRequiredService<WebhookHub>(), provider.GetRequiredService<WebhookOptions>()));
        services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Add(WebhookJson.Default));
        services.AddOpenApi("v1", OpenApiText.Describe);
        services.AddRateLimiter(_ => { });
        services.AddOptions<RateLimiterOptions>().Configure<RateLimits>((limiter, limits) => limits.Configure(limiter));
        return services;
    }

    /// <summary>Adds middleware and endpoints in their order.</summary>
    public static WebApplication UseSignalling(this WebApplication app)
    {
        app.UseMiddleware<ApiSurface>();
        app.UseRouting();
        app.UseRateLimiter();
        app.Services.GetRequiredService<WhipEndpoints>().Map(app);
        app.Services.GetRequiredService<WhepEndpoints>().Map(app);
        app.Services.GetRequiredService<EventEndpoints>().Map(app);
        app.Services.GetRequiredService<LayerEndpoint>().Map(app);
        ApiRoutes.Map(
            app,
            app.Services.GetRequiredService<StreamsApi>(),
            app.Services.GetRequiredService<SessionsApi>(),
            app.Services.GetRequiredService<TokensApi>(),
            app.Services.GetRequiredService<InfoApi>(),
            app.Services.GetRequiredService<ClusterApi>(),
            app.Services.GetRequiredService<BansApi>());
        app.MapOperate();
        app.Services.GetRequiredService<WebhooksApi>().Map(app);
        app.Services.GetRequiredService<StreamNews>();
        app.Services.GetRequiredService<WebhookMeters>();
        app.Services.GetRequiredService<SignallingMeters>();
        HealthEndpoints.Map(app, app.Services.GetRequiredService<NodeReadiness>());
        app.MapOpenApi("/api/{documentName}/openapi.json");

        // Event streams would otherwise hold the server open until its shutdown timeout.
        var sessions = app.Services.GetRequiredService<SessionDirectory>();
        app.Lifetime.ApplicationStopping.Register(sessions.CloseEventStreams);
        return app;
    }

    internal static T Bind<T>(IConfiguration broadcast, string section)
        where T : new()
    {
        var options = new T();
        try
        {
            broadcast.GetSection(section).Bind(options);
        }
        catch (InvalidOperationException exception)
        {
            throw new InvalidDataException($"Broadcast:{section}: {exception.Message}", exception);
        }

        OptionsCheck.Validate(options, "Broadcast:" + section);
        return options;
    }
}
