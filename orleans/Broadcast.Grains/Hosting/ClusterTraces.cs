using System.Diagnostics;

namespace Broadcast.Grains.Hosting;

/// <summary>Spans of the control plane.</summary>
public static class ClusterTraces
{
    /// <summary>The name under which those of this project are listened to.</summary>
    public const string Name = "Broadcast.Grains";

    /// <summary>The name of those that Orleans makes of calls of grains, on both sides.</summary>
    public const string Grains = "Microsoft.Orleans.Application";

    internal static readonly ActivitySource Source = new(Name);
}
