using System.ComponentModel.DataAnnotations;

namespace Broadcast.Signalling.Limits;

/// <summary>How many sessions this node takes, from whom, and how busy it may be. Configuration section <c>Broadcast:Limits</c>.</summary>
/// <remarks>Sessions that exist are never ended for a limit. <c>Broadcast:MaxSessions</c> bounds them all besides.</remarks>
public sealed class LimitOptions
{
    /// <summary>Streams published at this node at once; 0 for no limit. Whoever takes a stream over needs no place of its own.</summary>
    [Range(0, 1_000_000)]
    public int Streams { get; set; } = 1000;

    /// <summary>Viewers at this node at once; 0 for no limit.</summary>
    [Range(0, 1_000_000)]
    public int Viewers { get; set; }

    /// <summary>Viewers of one stream at this node at once; 0 for no limit.</summary>
    [Range(0, 1_000_000)]
    public int ViewersPerStream { get; set; }

    /// <summary>Sessions from one address (IPv6: one /64) at once; 0 for no limit. A school or a company may be one address.</summary>
    [Range(0, 1_000_000)]
    public int SessionsPerAddress { get; set; } = 2000;

    /// <summary>Sessions with tokens of one subject at once; 0 for no limit. Tokens without <c>sub</c> are not counted.</summary>
    [Range(0, 1_000_000)]
    public int SessionsPerSubject { get; set; } = 1000;

    /// <summary>From this share of the busiest media thread's time on new viewers are sent to another node, or away; 0 for never. Averaged over some seconds.</summary>
    [Range(0.0, 1.0)]
    public double BusyAbove { get; set; } = 0.85;

    /// <summary>The same for publishers, who come first; 0 for never.</summary>
    [Range(0.0, 1.0)]
    public double PublishersBusyAbove { get; set; } = 0.95;

    /// <summary>How far below the share has to fall until newcomers are taken again.</summary>
    [Range(0.0, 0.5)]
    public double BusyMargin { get; set; } = 0.1;
}
