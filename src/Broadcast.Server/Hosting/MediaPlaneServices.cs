using Broadcast.Media.Sessions;
using Broadcast.Server.Options;

namespace Broadcast.Server.Hosting;

/// <summary>The one place where the node gets its media plane.</summary>
internal static class MediaPlaneServices
{
    public static IServiceCollection AddMediaPlane(this IServiceCollection services, ServerOptions options)
    {
        _ = options;
        return services.AddSingleton<IMediaPlane, NoMediaPlane>();
    }
}
