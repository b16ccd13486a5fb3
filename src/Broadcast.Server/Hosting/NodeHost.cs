using System.Net;
using Broadcast.MediaNode;
using Broadcast.RelayPlane;
using Broadcast.Server.Cluster;
using Broadcast.Server.Commands;
using Broadcast.Server.Demo;
using Broadcast.Server.Metrics;
using Broadcast.Server.Operate;
using Broadcast.Server.Options;
using Broadcast.Server.Telemetry;
using Broadcast.Signalling;
using Broadcast.Signalling.Api;
using Broadcast.Signalling.Auth;
using Broadcast.Signalling.Http;
using Broadcast.Signalling.Pages;
using Broadcast.Usage;
using Broadcast.Vod;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Hosting;
using OpenTelemetry.Trace;
using Serilog.Core;

namespace Broadcast.Server.Hosting;

/// <summary>Composes a node: media plane, HTTP plane, pages, metrics.</summary>
internal static class NodeHost
{
    public static WebApplication Build(ServerOptions options, IConfiguration configuration, TextWriter output, Reading reading)
    {
        // :: Step 1: a host without the defaults of a development server
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions
        {
            EnvironmentName = Environments.Production,
            ContentRootPath = AppContext.BaseDirectory,
        });
        ((IConfigurationBuilder)builder.Configuration).Sources.Clear();
        builder.Configuration.AddConfiguration(configuration);
        var log = configuration.GetSection("Broadcast:Log").Get<LogOptions>() ?? new LogOptions();
        OptionsCheck.Validate(log, "Broadcast:Log");
        var level = new LoggingLevelSwitch(Logging.Level(options.LogLevel));
        Logging.Configure(builder, level, log);
        var certificate = KestrelSetup.UsesHttps(options) ? new CertificateKeeper(options) : null;
        KestrelSetup.Configure(builder, options, certificate);
        builder.Services.AddHostedService(provider => new Reload(
            level, reading, configuration, provider.GetRequiredService<SignallingReload>(), TimeProvider.System, provider.GetRequiredService<ILogger<Reload>>(), certificate));
        builder.Services.AddSingleton<IHostLifetime, SignalLifetime>();
        builder.Services.AddSingleton(provider => ActivatorUtilities.CreateInstance<Departure>(provider, Waiting(provider.GetRequiredService<MediaPlane>())));
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(5));

        // :: Step 2: the planes
        MediaPortProbe.Check(options.MediaPort);
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(new NodeIdentity(ClusterServices.NodeIdOf(options)));
        builder.Services.AddUsage(configuration.GetSection("Broadcast:Usage").Get<UsageOptions>() ?? new UsageOptions(), options.Data);
        builder.Services.AddMediaPlane(options, configuration.GetSection("Broadcast:Quality").Get<QualityOptions>() ?? new QualityOptions());
        var telemetry = configuration.GetSection("Broadcast:Telemetry").Get<TelemetryOptions>() ?? new TelemetryOptions();
        OptionsCheck.Validate(telemetry, "Broadcast:Telemetry");
        var isTraced = Tracing.IsOn(telemetry, Environment.GetEnvironmentVariable);
        if (isTraced)
            builder.Services.AddSingleton(_ => Tracing.Start(telemetry, ClusterServices.NodeIdOf(options)));
        builder.Services.AddCluster(options, isTraced);
        builder.Services.AddSignalling(configuration.GetSection("Broadcast"));
        builder.Services.AddRecordings(options, configuration);
        builder.Services.AddRecorder(options, configuration.GetSection("Broadcast"));
        builder.Services.AddOperateFigures();
        builder.Services.AddSingleton<MeterBridge>().AddSingleton<StreamLog>().AddSingleton<NodeDrain>();
        if (options.Demo)
            builder.Services.AddHostedService<DemoPublisher>();
        if (options.TrustedProxies.Count > 0)
            builder.Services.Configure<ForwardedHeadersOptions>(forwarded => TrustProxies(forwarded, options));

        // :: Step 3: keys must be there before anything is verified
        var app = builder.Build();
        var auth = app.Services.GetRequiredService<AuthOptions>();
        auth.Disabled |= options.NoAuth;
        NodeKey.Locate(auth, options.Data);
        app.Services.GetRequiredService<TokenKeys>();
        app.Services.GetRequiredService<StreamLog>();
        app.Services.GetService<ClusterSessions>();
        app.Services.GetRequiredService<MeterBridge>();
        app.Services.GetService<ClusterMeters>();
        app.Services.GetService<TracerProvider>();

        // :: Step 4: the pipeline
        if (options.TrustedProxies.Count > 0)
            app.UseForwardedHeaders();
        app.UseTransportSecurity(options);
        var isGuarded = options.NoAuth && !options.IKnow;
        app.UseWhen(context => !ManagementPort.CameBy(context), branch => branch.UseHostNames(app.Services.GetRequiredService<Live<SignallingOptions>>(), isGuarded));
        // Probes and collectors come by address, whatever the names are that the public knows.
        app.UseWhen(ManagementPort.CameBy, branch => branch.UseHostNames(new Live<SignallingOptions>(new SignallingOptions()), isGuarded));
        if (ManagementPort.IsOn(options))
            app.UseManagementPort();
        if (isTraced)
            app.UseOwnSpansOnly();
        app.UsePages(Path.Combine(AppContext.BaseDirectory, "web"), ClusterServices.IsInCluster(options));
        app.UseSignalling();
        app.MapVod();
        app.MapUsage();
        MetricsEndpoint.Map(app);

        NodeLifetime.Attach(app, new Announcement(options, output));
        return app;
    }

    /// <summary>
    /// Who is here and can go elsewhere. Children of a stream that is published here cannot, before its publisher does: they wait for
    /// it without the node, and publishers are closed at the end.
    /// </summary>
    private static Func<(int Viewers, int Children)> Waiting(MediaPlane media) => () => (
        media.Streams.Sum(stream => stream.Viewers),
        ((IRelayPlane)media).Carried.Where(stream => !stream.IsRoot).Sum(stream => stream.Children));

    private static void TrustProxies(ForwardedHeadersOptions forwarded, ServerOptions options)
    {
        forwarded.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto;
        forwarded.KnownProxies.Clear();
        forwarded.KnownIPNetworks.Clear();
        foreach (var proxy in options.TrustedProxies)
            forwarded.KnownProxies.Add(IPAddress.Parse(proxy));
    }
}
