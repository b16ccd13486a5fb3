using System.Diagnostics;

namespace Broadcast.Grains.Hosting;

/// <summary>Spans of the control plane.</summary>
public static class ClusterTraces
{
    /// <summary>The name under which those of this project are listened to.</summary>
    public const string Name = "Broadcast.Grains";

    /// <summary>The name of those that Orleans makes of calls of grains, on both sides.</summary>
    public const string Grains = "Microsoft.Orleans.Application";

    private static readonly ActivitySource Source = new(Name);

    /// <summary>Begins a span below another of this node.</summary>
    /// <param name="name">What it is.</param>
    /// <param name="parent">The other, as W3C traceparent.</param>
    /// <returns>Null when there is no other, or nobody listens.</returns>
    internal static Activity? Begin(string name, string? parent) =>
        ActivityContext.TryParse(parent, traceState: null, out var context) ? Source.StartActivity(name, ActivityKind.Internal, context) : null;
}
