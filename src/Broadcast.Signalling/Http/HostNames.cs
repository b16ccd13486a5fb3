using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Broadcast.Signalling.Http;

/// <summary>Which names a node answers to (RFC 9110 §7.2).</summary>
/// <remarks>
/// A page of another site may make a name of its own mean this machine, and has a browser here talk to a node as if it were the page's own (DNS rebinding).
/// Where tokens are needed that gains it nothing. Addresses, and "localhost", cannot be made to mean something else.
/// </remarks>
public static class HostNames
{
    /// <summary>Refuses requests for other names by 421. Does nothing when every name is right; must come first.</summary>
    /// <param name="app">The pipeline.</param>
    /// <param name="names">As in the Host header, without port; empty stands for all.</param>
    /// <param name="isGuarded">True to take an empty list for "localhost" and addresses.</param>
    public static void UseHostNames(this IApplicationBuilder app, IEnumerable<string> names, bool isGuarded)
    {
        var allowed = names.ToHashSet(StringComparer.OrdinalIgnoreCase);
        if (allowed.Count == 0 && !isGuarded)
            return;
        app.Use((context, next) => IsAllowed(context.Request.Host.Host, allowed)
            ? next(context)
            : ProblemWriter.WriteAsync(context, Problem.Misdirected("This node does not answer to the name of your request. Name it in Http:AllowedHosts.")));
    }

    private static bool IsAllowed(string host, HashSet<string> allowed) =>
        allowed.Count > 0 ? allowed.Contains(host) : host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || IPAddress.TryParse(host, out _);
}
