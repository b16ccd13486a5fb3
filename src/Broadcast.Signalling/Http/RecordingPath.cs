using System.Buffers;

namespace Broadcast.Signalling.Http;

/// <summary>Addresses of recordings: the page <c>/vod/{id}</c>, and what it plays below that.</summary>
/// <remarks>Ids have lower-case letters and digits only and are of one length, so that files of pages, which have a dot, are none.</remarks>
internal static class RecordingPath
{
    private const string Root = "/vod/";
    private const int IdLength = 24;

    private static readonly SearchValues<char> Allowed = SearchValues.Create("0123456789abcdefghijklmnopqrstuvwxyz");

    /// <summary>True for the page of a recording.</summary>
    public static bool IsPage(string path) => StartsWithId(path) && path.AsSpan(Root.Length + IdLength) is "" or "/";

    /// <summary>True for a file, a segment or the index of a recording.</summary>
    public static bool IsBelow(string? path) =>
        path is not null && StartsWithId(path) && path.Length > Root.Length + IdLength + 1 && path[Root.Length + IdLength] == '/';

    private static bool StartsWithId(string path) =>
        path.StartsWith(Root, StringComparison.Ordinal) && path.Length >= Root.Length + IdLength
        && !path.AsSpan(Root.Length, IdLength).ContainsAnyExcept(Allowed);
}
