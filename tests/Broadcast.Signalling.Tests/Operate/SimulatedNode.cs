using Broadcast.Media.Sessions;
using Broadcast.Signalling.Cluster;
using Broadcast.Signalling.Operate;
using Broadcast.Signalling.Pages;
using Broadcast.Signalling.Tests.Fakes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Broadcast.Signalling.Tests.Operate;

/// <summary>The HTTP plane on a port of this machine, before a cluster that exists only in figures. Everybody may operate.</summary>
public sealed class SimulatedNode : IAsyncDisposable
{
    private readonly WebApplication _app;

    private SimulatedNode(WebApplication app) => _app = app;

    /// <summary>Where it is.</summary>
    public Uri Address => new(_app.Urls.First());

    /// <summary>What it is made of.</summary>
    public IServiceProvider Services => _app.Services;

    /// <summary>Starts it, with the pages where they lie beside the program.</summary>
    public static async Task<SimulatedNode> StartAsync(SimulatedCluster cluster, TimeProvider? time = null)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Production" });
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0));
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection([KeyValuePair.Create("Broadcast:Auth:Disabled", (string?)"true")]);
        builder.Services.AddSingleton<IMediaPlane>(new FakeMediaPlane()).AddSingleton(time ?? TimeProvider.System);
        builder.Services.AddSingleton<IClusterOperations>(cluster).AddSingleton<IClusterFigures>(cluster);
        builder.Services.AddSignalling(builder.Configuration.GetSection("Broadcast"));
        var app = builder.Build();
        app.UsePages(Path.Combine(AppContext.BaseDirectory, "web"));
        app.UseSignalling();
        await app.StartAsync();
        return new SimulatedNode(app);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
