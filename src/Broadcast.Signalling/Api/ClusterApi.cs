using Broadcast.Signalling.Auth;
using Broadcast.Signalling.Cluster;
using Broadcast.Signalling.Http;
using Microsoft.AspNetCore.Http;

namespace Broadcast.Signalling.Api;

/// <summary>The nodes, the trees of streams, and how many nodes there should be. All of it for operators.</summary>
internal sealed class ClusterApi(Gatekeeper gatekeeper, IClusterOperations cluster)
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(2);
    private static readonly Problem UnknownNode = Problem.NotFound("There is no such node in the cluster now.");

    public async Task<IResult> ListNodesAsync(HttpContext context)
    {
        if (await AdmitAsync(context) is null)
            return Results.Empty;
        NodeView[] nodes = [.. await cluster.GetNodesAsync(context.RequestAborted)];
        return Answer.Json(context, nodes, SignallingJson.Default.NodeViewArray);
    }

    public async Task<IResult> GetNodeAsync(string node, HttpContext context)
    {
        if (await AdmitAsync(context) is null)
            return Results.Empty;
        return await FindAsync(node, context) is { } view ? Answer.Json(context, view, SignallingJson.Default.NodeView) : Answer.Problem(UnknownNode);
    }

    public Task<IResult> DrainAsync(string node, HttpContext context) => DrainAsync(node, true, context);

    public Task<IResult> UndrainAsync(string node, HttpContext context) => DrainAsync(node, false, context);

    public async Task<IResult> GetTreeAsync(string stream, HttpContext context)
    {
        if (!StreamName.IsValid(stream))
            return Answer.Problem(Problem.BadRequest(StreamName.Rule));
        if (await gatekeeper.AdmitAsync(context, TokenScope.Operate, stream) is null)
            return Results.Empty;
        return await cluster.GetTreeAsync(stream, context.RequestAborted) switch
        {
            null => Answer.Problem(Problem.NotNow("The stream's place in the cluster cannot be found out now. Try again soon."), RetryAfter),
            { Nodes.Count: 0 } => Answer.Problem(Problem.NotFound("No node has this stream.")),
            var tree => Answer.Json(context, tree, SignallingJson.Default.TreeView),
        };
    }

    public async Task<IResult> GetScaleAsync(HttpContext context)
    {
        if (await AdmitAsync(context) is null)
            return Results.Empty;
        ScaleView[] regions = [.. await cluster.GetScaleAsync(context.RequestAborted)];
        return Answer.Json(context, regions, SignallingJson.Default.ScaleViewArray);
    }

    private async Task<IResult> DrainAsync(string node, bool draining, HttpContext context)
    {
        if (await AdmitAsync(context) is null)
            return Results.Empty;
        if (await FindAsync(node, context) is null)
            return Answer.Problem(UnknownNode);
        return await cluster.DrainAsync(node, draining, context.RequestAborted)
            ? Results.NoContent()
            : Answer.Problem(Problem.NotNow("The node cannot be reached now. Try again soon."), RetryAfter);
    }

    // Nodes are everybody's: an operator of one stream is none of theirs.
    private ValueTask<Grant?> AdmitAsync(HttpContext context) => gatekeeper.AdmitAsync(context, TokenScope.Operate, Grant.AnyStream);

    private async Task<NodeView?> FindAsync(string node, HttpContext context) =>
        (await cluster.GetNodesAsync(context.RequestAborted)).FirstOrDefault(view => view.NodeId == node);
}
