using Broadcast.Trees.Cluster;

namespace Broadcast.Trees.Planning;

/// <summary>What becomes of a viewer's request.</summary>
public abstract record JoinPlan
{
    private JoinPlan()
    {
    }

    /// <summary>The node where it landed carries the stream and has room.</summary>
    public sealed record Serve : JoinPlan;

    /// <summary>The node where it landed is to carry the stream; the plan says how.</summary>
    public sealed record Attach(TreePlan Plan) : JoinPlan;

    /// <summary>307: another node serves it better.</summary>
    public sealed record Redirect(NodeId Node, string Reason) : JoinPlan;

    /// <summary>503 or 404 with <c>Retry-After</c>.</summary>
    public sealed record Refuse(TimeSpan RetryAfter, string Reason) : JoinPlan;
}
