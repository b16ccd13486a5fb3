using Broadcast.Signalling.Api;
using Broadcast.Signalling.Http;
using Broadcast.Signalling.Sessions;
using Broadcast.Usage.Api;
using Broadcast.Usage.Collect;
using Broadcast.Usage.Files;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Problem = Broadcast.Signalling.Http.Problem;

namespace Broadcast.Usage;

/// <summary>Registers and maps usage records.</summary>
public static class UsageServices
{
    private const string ProblemJson = MediaTypes.Problem;

    /// <summary>Adds them. Before the media plane, so that they stop after it and see the end of every session.</summary>
    /// <param name="services">The node's.</param>
    /// <param name="options">Validated here.</param>
    /// <param name="data">The data folder.</param>
    /// <exception cref="InvalidDataException">The options cannot be used.</exception>
    public static IServiceCollection AddUsage(this IServiceCollection services, UsageOptions options, string data)
    {
        OptionsCheck.Validate(options, "Broadcast:Usage");
        services.AddSingleton(options);
        if (!options.Enabled) return services;
        services.AddSingleton(new UsageFolder(FolderOf(options, data)));
        services.AddSingleton<UsageBook>().AddSingleton<UsageWriter>().AddSingleton<UsageMeters>().AddSingleton<UsageApi>();
        services.AddSingleton<ISessionJournal>(provider => provider.GetRequiredService<UsageBook>());
        services.AddHostedService(provider => provider.GetRequiredService<UsageWriter>());
        services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Add(UsageJson.Default));
        return services;
    }

    /// <summary>Where records lie.</summary>
    public static string FolderOf(UsageOptions options, string data) => options.Folder.Length > 0 ? options.Folder : Path.Combine(data, "usage");

    /// <summary>Maps the addresses, when there are records.</summary>
    public static void MapUsage(this WebApplication app)
    {
        if (app.Services.GetService<UsageApi>() is not { } usage) return;
        app.Services.GetRequiredService<UsageMeters>();
        var api = app.MapGroup("/api/v1");
        api.MapGet("/usage", usage.ListAsync).WithName("usage").WithSummary("Ended sessions of this node and what they have used, as JSON or CSV (scope operate)")
            .Produces<UsageListView>(200, MediaTypes.Json, "text/csv").Produces<Problem>(400, ProblemJson).Produces<Problem>(401, ProblemJson).Produces<Problem>(403, ProblemJson);
        api.MapGet("/usage/daily", usage.DaysAsync).WithName("usage-daily").WithSummary("What was used on this node by stream and day (scope operate)")
            .Produces<UsageDaysView>().Produces<Problem>(400, ProblemJson).Produces<Problem>(401, ProblemJson).Produces<Problem>(403, ProblemJson);
    }
}
