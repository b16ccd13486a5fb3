using Broadcast.Signalling.Http;

namespace Broadcast.Signalling.Pages;

/// <summary>Which file answers for the address of a page.</summary>
internal static class PageRoutes
{
    /// <summary>The page's file, or null when the path is not the address of a page.</summary>
    public static string? FileFor(string path) => path switch
    {
        "/" or "/watch" or "/watch/" => "/index.html",
        "/publish" or "/publish/" => "/publish/index.html",
        "/operate" or "/operate/" => "/operate/index.html",
        "/vod" or "/vod/" => "/vod/index.html",
        _ when RecordingPath.IsPage(path) => "/vod/recording.html",
        _ => IsWatch(path) ? "/watch/index.html" : null,
    };

    // Names of streams have no dot and names of files do, so /watch/watch.js is no stream.
    private static bool IsWatch(string path) =>
        path.StartsWith("/watch/", StringComparison.Ordinal) && StreamName.IsValid(path.AsSpan("/watch/".Length).TrimEnd('/'));
}
