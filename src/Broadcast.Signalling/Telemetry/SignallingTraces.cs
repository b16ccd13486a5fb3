using System.Diagnostics;

namespace Broadcast.Signalling.Telemetry;

/// <summary>Spans of the HTTP plane.</summary>
public static class SignallingTraces
{
    /// <summary>The name under which they are listened to.</summary>
    public const string Name = "Broadcast.Signalling";

    /// <summary>The span of a publisher's POST, in which everything that follows from it lies.</summary>
    public const string Publish = "whip";

    /// <summary>The span of a viewer's POST.</summary>
    public const string Watch = "whep";

    internal static readonly ActivitySource Source = new(Name);
}
