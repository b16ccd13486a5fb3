namespace Broadcast.Server.Options;

/// <summary>How often a switch may stand, and whether a value follows it.</summary>
public enum SwitchKind
{
    /// <summary>Present or absent.</summary>
    Flag,

    /// <summary>One value; the last wins.</summary>
    Value,

    /// <summary>One value each time; all count.</summary>
    List,
}

/// <summary>One command line switch with its other two names.</summary>
/// <param name="Name">With its dashes.</param>
/// <param name="Key">Below the configuration section <c>Broadcast</c>.</param>
/// <param name="Kind">Whether a value follows.</param>
/// <param name="Value">What the value is, for help.</param>
/// <param name="Help">One sentence.</param>
public sealed record Switch(string Name, string Key, SwitchKind Kind, string Value, string Help)
{
    /// <summary>The environment variable that says the same.</summary>
    public string Variable => "BROADCAST_" + Name[2..].Replace('-', '_').ToUpperInvariant();
}
