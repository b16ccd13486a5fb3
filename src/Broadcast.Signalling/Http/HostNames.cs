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
    /// <summary>Refuses requests for other names by 421; must come first.</summary>
    /// <param name="app">The pipeline.</param>
    /// <param name="options">The names, as in the Host header, without port; none stands for all.</param>
    /// <param name="isGuarded">True to take no names for "localhost" and addresses.</param>
    public static void UseHostNames(this IApplicationBuilder app, Live<SignallingOptions> options, bool isGuarded) =>
        app.Use((context, next) => IsAllowed(context.Request.Host.Host, options.Value.AllowedHosts, isGuarded)
            ? next(context)
            : ProblemWriter.WriteAsync(context, Problem.Misdirected("This node does not answer to the name of your request. Name it in Http:AllowedHosts.")));

    private static bool IsAllowed(string host, IList<string> allowed, bool isGuarded) => allowed.Count > 0
        ? allowed.Contains(host, StringComparer.OrdinalIgnoreCase)
        : !isGuarded || host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || IPAddress.TryParse(host, out _);
}
