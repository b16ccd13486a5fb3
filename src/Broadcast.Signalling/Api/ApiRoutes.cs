using Broadcast.Signalling.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Problem = Broadcast.Signalling.Http.Problem;

namespace Broadcast.Signalling.Api;

/// <summary>The addresses under <c>/api/v1</c>, described for the OpenAPI document.</summary>
internal static class ApiRoutes
{
    private const string ProblemJson = Http.MediaTypes.Problem;

    public static void Map(IEndpointRouteBuilder routes, StreamsApi streams, SessionsApi sessions, TokensApi tokens, InfoApi info, ClusterApi cluster, BansApi bans)
    {
        var api = routes.MapGroup("/api/v1");
        api.MapGet("/info", (Delegate)info.GetInfoAsync).WithName("info").WithSummary("Version, limits and ICE servers of this node")
            .Produces<InfoView>();
        api.MapGet("/whoami", info.GetWhoAmIAsync).WithName("whoami").WithSummary("What the caller's token may do")
            .Produces<WhoAmIView>().Produces<Problem>(401, ProblemJson).Produces<Problem>(403, ProblemJson).Produces<Problem>(503, ProblemJson);
        api.MapGet("/streams", streams.ListAsync).WithName("streams").WithSummary("Streams the caller may watch, publish or operate")
            .Produces<IReadOnlyList<StreamView>>().Produces<Problem>(400, ProblemJson).Produces<Problem>(401, ProblemJson);
        api.MapGet("/streams/{stream}", streams.GetAsync).WithName("stream").WithSummary("One stream, its tracks and their layers")
            .Produces<StreamView>().Produces<Problem>(401, ProblemJson).Produces<Problem>(403, ProblemJson).Produces<Problem>(404, ProblemJson);
        api.MapGet("/streams/{stream}/sessions", sessions.ListAsync).WithName("stream-sessions").WithSummary("Sessions of one stream (scope operate)")
            .Produces<IReadOnlyList<SessionView>>().Produces<Problem>(400, ProblemJson).Produces<Problem>(401, ProblemJson).Produces<Problem>(403, ProblemJson);
        api.MapGet("/sessions/{session}", sessions.GetAsync).WithName("session").WithSummary("One session with the layer it gets, for its owner or an operator")
            .Produces<SessionView>().Produces<Problem>(401, ProblemJson).Produces<Problem>(404, ProblemJson);
        api.MapDelete("/sessions/{session}", sessions.EndAsync).WithName("end-session").WithSummary("End a session (scope operate)")
            .Produces(204).Produces<Problem>(401, ProblemJson).Produces<Problem>(403, ProblemJson).Produces<Problem>(404, ProblemJson);
        api.MapPost("/tokens", (Delegate)tokens.MintAsync).WithName("mint-token").WithSummary("Mint a token (scope operate)").Idempotent()
            .Accepts<TokenRequest>(Http.MediaTypes.Json).Produces<TokenView>(201)
            .Produces<Problem>(400, ProblemJson).Produces<Problem>(401, ProblemJson).Produces<Problem>(403, ProblemJson);
        MapCluster(api, cluster);
        MapBans(api, bans);
    }

    private static void MapBans(RouteGroupBuilder api, BansApi bans)
    {
        api.MapGet("/bans", (Delegate)bans.ListAsync).WithName("bans").WithSummary("Who is kept out now (scope operate)")
            .Produces<IReadOnlyList<BanView>>().Produces<Problem>(401, ProblemJson).Produces<Problem>(403, ProblemJson);
        api.MapPost("/bans", (Delegate)bans.SetAsync).WithName("ban").WithSummary("Keep a token's subject or an address out for a while, at all nodes (scope operate)")
            .Accepts<BanRequest>(Http.MediaTypes.Json).Produces<BanView>(201)
            .Produces<Problem>(400, ProblemJson).Produces<Problem>(401, ProblemJson).Produces<Problem>(403, ProblemJson).Produces<Problem>(409, ProblemJson);
        api.MapDelete("/bans/{ban}", bans.LiftAsync).WithName("lift-ban").WithSummary("Lift a ban before its end (scope operate)")
            .Produces(204).Produces<Problem>(401, ProblemJson).Produces<Problem>(403, ProblemJson).Produces<Problem>(404, ProblemJson);
    }

    private static void MapCluster(RouteGroupBuilder api, ClusterApi cluster)
    {
        api.MapGet("/nodes", (Delegate)cluster.ListNodesAsync).WithName("nodes").WithSummary("The nodes of the cluster (scope operate)")
            .Produces<IReadOnlyList<NodeView>>().Produces<Problem>(401, ProblemJson).Produces<Problem>(403, ProblemJson);
        api.MapGet("/nodes/{node}", cluster.GetNodeAsync).WithName("node").WithSummary("One node (scope operate)")
            .Produces<NodeView>().Produces<Problem>(401, ProblemJson).Produces<Problem>(403, ProblemJson).Produces<Problem>(404, ProblemJson);
        api.MapPost("/nodes/{node}/drain", cluster.DrainAsync).WithName("drain-node").WithSummary("Let a node take nothing new and give up what it has (scope operate)")
            .Produces(204).Produces<Problem>(401, ProblemJson).Produces<Problem>(403, ProblemJson).Produces<Problem>(404, ProblemJson).Produces<Problem>(503, ProblemJson);
        api.MapDelete("/nodes/{node}/drain", cluster.UndrainAsync).WithName("undrain-node").WithSummary("Let a node work again (scope operate)")
            .Produces(204).Produces<Problem>(401, ProblemJson).Produces<Problem>(403, ProblemJson).Produces<Problem>(404, ProblemJson).Produces<Problem>(503, ProblemJson);
        api.MapGet("/streams/{stream}/tree", cluster.GetTreeAsync).WithName("stream-tree").WithSummary("Which nodes have a stream, and from whom (scope operate)")
            .Produces<TreeView>().Produces<Problem>(401, ProblemJson).Produces<Problem>(403, ProblemJson).Produces<Problem>(404, ProblemJson).Produces<Problem>(503, ProblemJson);
        api.MapGet("/scale", (Delegate)cluster.GetScaleAsync).WithName("scale").WithSummary("How many nodes each region should have (scope operate)")
            .Produces<IReadOnlyList<ScaleView>>().Produces<Problem>(401, ProblemJson).Produces<Problem>(403, ProblemJson);
    }
}
