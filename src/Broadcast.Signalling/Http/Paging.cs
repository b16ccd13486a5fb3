using Microsoft.AspNetCore.Http;

namespace Broadcast.Signalling.Http;

/// <summary>Pages of lists that are bare arrays: <c>limit</c> and <c>after</c> in the query, and the next page in <c>Link: …; rel="next"</c> (RFC 8288).</summary>
/// <remarks>Without a limit everything is answered. The order is that of the names, so that a place is one even when what stood there has gone.</remarks>
internal static class Paging
{
    public const int MaxLimit = 1000;

    /// <summary>What a person is told of a limit that is none.</summary>
    public const string Rule = "limit is 1 to 1000; after is the name that the last page ended with.";

    public static bool IsValid(int? limit) => limit is null or (>= 1 and <= MaxLimit);

    /// <summary>One page of what there is, and the link to the next.</summary>
    public static T[] Page<T>(HttpContext context, IEnumerable<T> all, Func<T, string> name, int? limit, string? after)
    {
        var rest = all.OrderBy(name, StringComparer.Ordinal).SkipWhile(item => after is not null && StringComparer.Ordinal.Compare(name(item), after) <= 0);
        if (limit is not { } most) return [.. rest];
        T[] page = [.. rest.Take(most + 1)];
        if (page.Length <= most) return page;
        page = page[..most];
        var request = context.Request;
        context.Response.Headers.Append("Link", $"<{request.PathBase}{request.Path}?limit={most}&after={Uri.EscapeDataString(name(page[^1]))}>; rel=\"next\"");
        return page;
    }
}
