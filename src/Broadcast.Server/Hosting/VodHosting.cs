using Broadcast.Recording.Finishing;
using Broadcast.Server.Options;
using Broadcast.Vod;
using Broadcast.Vod.Jobs;
using Broadcast.Vod.Recordings;
using Microsoft.Extensions.Configuration;

namespace Broadcast.Server.Hosting;

/// <summary>Gives the node its recordings: where they lie, how they are found and played. What records them is composed elsewhere.</summary>
internal static class VodHosting
{
    /// <summary>Before a recorder is added: the spool is read first.</summary>
    public static IServiceCollection AddRecordings(this IServiceCollection services, ServerOptions options, IConfiguration configuration) =>
        services
            .AddSingleton<IMediaWorkshop>(provider => new NodeWorkshop(
                configuration.GetSection("Broadcast:Ffmpeg").Get<FfmpegWorkshopOptions>() ?? new FfmpegWorkshopOptions(), provider.GetRequiredService<RecordingSpool>()))
            .AddVod(configuration.GetSection("Broadcast:Vod").Get<VodOptions>() ?? new VodOptions(), options.Data);
}
