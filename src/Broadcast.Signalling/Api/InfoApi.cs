using System.Reflection;
using Broadcast.Signalling.Auth;
using Broadcast.Signalling.Http;
using Microsoft.AspNetCore.Http;

namespace Broadcast.Signalling.Api;

/// <summary>What pages ask before they do anything.</summary>
internal sealed class InfoApi(Gatekeeper gatekeeper, WatchOptions watch, IceServerLinks iceServers, NodeIdentity node)
{
    private static readonly string Version = ProductVersion();

    public async Task<IResult> GetInfoAsync(HttpContext context)
    {
        if (await gatekeeper.IdentifyAsync(context) is not { } grant)
            return Results.Empty;
        var servers = iceServers.ForCaller(withTurn: grant.Scopes != TokenScope.None);
        var info = new InfoView(
            node.Id, Version, !gatekeeper.IsOpen, gatekeeper.IsOpen || watch.Public, servers, new LimitsView(RequestBody.MaxLength, StreamName.MaxLength));
        return Answer.Json(context, info, SignallingJson.Default.InfoView);
    }

    /// <param name="context">The request.</param>
    /// <param name="scope">What the caller is about to want everywhere: a token that only the webhook can judge is judged for that.</param>
    public async Task<IResult> GetWhoAmIAsync(HttpContext context, string? scope = null)
    {
        if (await gatekeeper.IdentifyAsync(context, TokenScopes.FromWord(scope), Grant.AnyStream) is not { } grant)
            return Results.Empty;
        var view = new WhoAmIView(grant.Scopes != TokenScope.None, TokenScopes.Names(grant.Scopes), grant.Stream, grant.ExpiresAt);
        return Answer.Json(context, view, SignallingJson.Default.WhoAmIView);
    }

    // Builds from a repository append "+commit", which is nobody's business here.
    private static string ProductVersion() =>
        typeof(InfoApi).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";
}
