namespace Broadcast.Signalling.Webhooks;

/// <summary>Names of events as a target asks for them: one, all of a kind ("stream.*"), or all ("*").</summary>
internal static class EventPattern
{
    private static readonly string[] Names =
    [
        "stream.started", "stream.stopped", "stream.unhealthy", "stream.healthy", "viewer.joined", "viewer.left", "node.joined", "node.left", "node.draining",
        "recording.started", "recording.segment", "recording.ready", "recording.failed",
    ];

    /// <summary>True when some event would match.</summary>
    public static bool IsValid(string pattern) => Names.Any(name => Matches(pattern, name));

    public static bool Matches(string pattern, string name) =>
        pattern == "*" || pattern == name || (pattern.EndsWith(".*", StringComparison.Ordinal) && name.StartsWith(pattern.AsSpan(0, pattern.Length - 1), StringComparison.Ordinal));
}
