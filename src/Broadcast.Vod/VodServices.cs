using Broadcast.Signalling.Api;
using Broadcast.Signalling.Auth;
using Broadcast.Signalling.Http;
using Broadcast.Signalling.Webhooks;
using Broadcast.Vod.Api;
using Broadcast.Vod.Catalogue;
using Broadcast.Vod.Hooks;
using Broadcast.Vod.Jobs;
using Broadcast.Vod.Journal;
using Broadcast.Vod.Playback;
using Broadcast.Vod.Recordings;
using Broadcast.Vod.Retention;
using Broadcast.Vod.Stores;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Broadcast.Vod;

/// <summary>Registers and maps the store of recordings. An <see cref="IRecorder"/> and an <see cref="IMediaWorkshop"/> come from somebody else.</summary>
public static class VodServices
{
    /// <summary>Adds everything this project offers. Call it before a recorder is added: it must read the spool first.</summary>
    /// <param name="services">After the signalling.</param>
    /// <param name="options">Checked here.</param>
    /// <param name="data">The node's folder, for what the options leave open.</param>
    /// <exception cref="InvalidDataException">The options are wrong; the message is for a person.</exception>
    public static IServiceCollection AddVod(this IServiceCollection services, VodOptions options, string data)
    {
        OptionsCheck.Validate(options, "Broadcast:Vod");
        var root = Path.Combine(data, "recordings");
        services.AddSingleton(options);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<IRecorder, NoRecorder>();
        services.TryAddSingleton<IMediaWorkshop, NoWorkshop>();
        services.AddSingleton(new RecordingSpool(Or(options.Spool, root, "spool")));
        services.AddSingleton<RecordingLedger>().AddSingleton<IRecordingLedger>(provider => provider.GetRequiredService<RecordingLedger>());
        AddStore(services, options, root);
        AddCatalogue(services, options, root);
        AddWebhook(services, options);
        services.AddSingleton<LedgerNews>().AddSingleton<SpoolRepair>().AddSingleton<WatchLog>().AddSingleton<RecordingRemoval>();
        services.AddSingleton<IJobWork, FinishWork>().AddSingleton<IJobWork, UploadWork>().AddSingleton<IJobWork, CutWork>();
        services.AddSingleton<JobQueue>().AddSingleton(provider => new Lazy<JobQueue>(provider.GetRequiredService<JobQueue>));
        services.AddSingleton<CatalogueFollower>().AddSingleton<Housekeeping>();
        services.AddHostedService(provider => provider.GetRequiredService<CatalogueFollower>());
        services.AddHostedService(provider => provider.GetRequiredService<JobQueue>());
        services.AddHostedService(provider => provider.GetRequiredService<Housekeeping>());
        services.AddSingleton<IStandbyRecordings, StandbyRecordings>();
        services.AddSingleton<RecordingAccess>().AddSingleton<PlaybackEndpoints>();
        services.AddSingleton<RecordingControlApi>().AddSingleton<RecordingsApi>().AddSingleton<JobsApi>();
        services.Configure<JsonOptions>(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, VodJson.Default));
        return services;
    }

    /// <summary>Maps the endpoints; after the signalling's.</summary>
    public static WebApplication MapVod(this WebApplication app)
    {
        var services = app.Services;
        VodRoutes.Map(app, services.GetRequiredService<RecordingControlApi>(), services.GetRequiredService<RecordingsApi>(), services.GetRequiredService<JobsApi>());
        services.GetRequiredService<PlaybackEndpoints>().Map(app);
        return app;
    }

    private static void AddStore(IServiceCollection services, VodOptions options, string root)
    {
        if (!S3StoreOptions.TryParse(options.Store, out var bucket, out var prefix))
        {
            services.AddSingleton<IVodStore>(new FolderStore(Or(options.Store, root, "store")));
            return;
        }

        var s3 = new S3StoreOptions(
            bucket, prefix, options.S3Endpoint.Length > 0 ? new Uri(options.S3Endpoint) : null, options.S3Region, options.S3AccessKey, WebhookTarget.ReadSecret(options.S3SecretKeyFile, "Broadcast:Vod:S3SecretKeyFile"));
        services.AddSingleton<IVodStore>(_ => new S3Store(s3));
    }

    private static void AddCatalogue(IServiceCollection services, VodOptions options, string root)
    {
        if (options.IsPostgres && PostgresAddress.TryParse(options.Catalogue, out var connection))
            services.AddSingleton<CatalogueDatabase>(_ => new PostgresDatabase(NpgsqlDataSource.Create(connection)));
        else
            services.AddSingleton<CatalogueDatabase>(new SqliteDatabase(Or(options.Catalogue, root, "catalogue.db")));
        services.AddSingleton<ICatalogue, SqlCatalogue>();
    }

    private static void AddWebhook(IServiceCollection services, VodOptions options)
    {
        services.AddSingleton<IRecordingHooks, RecordingWebhooks>();
        if (options.Webhook.Length > 0)
            services.AddSingleton(new WebhookTarget(new Uri(options.Webhook), WebhookTarget.ReadSecret(options.WebhookSecretFile, "Broadcast:Vod:WebhookSecretFile"), ["recording.*"]));
    }

    private static string Or(string configured, string root, string name) => configured.Length > 0 ? configured : Path.Combine(root, name);
}
