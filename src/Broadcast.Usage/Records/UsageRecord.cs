using Broadcast.Media.Sessions;

namespace Broadcast.Usage.Records;

/// <summary>What one session has used, from its connection to its end, or to the last that is known of it.</summary>
/// <remarks>Times of day come from the node's clock when the session was opened and go on by its steady clock: a clock that is set meanwhile makes no session longer, shorter or negative.</remarks>
public sealed record UsageRecord
{
    /// <summary>The id in its URL.</summary>
    public required string SessionId { get; init; }

    /// <summary>What it published or watched.</summary>
    public required string Stream { get; init; }

    /// <summary>Publisher or viewer.</summary>
    public required SessionKind Kind { get; init; }

    /// <summary>The node that served it.</summary>
    public required string Node { get; init; }

    /// <summary>When it was connected.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>From there to its end.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>The publication, of a viewer the last that it watched; 0 when unknown.</summary>
    public long Epoch { get; init; }

    /// <summary>Whom the token named as its bearer; null when it named nobody.</summary>
    public string? Subject { get; init; }

    /// <summary>Whose session it was, over a viewer's sessions; null for publishers.</summary>
    public string? ViewerId { get; init; }

    /// <summary>Of media, toward the viewer or from the publisher.</summary>
    public long Bytes { get; init; }

    /// <summary>Of media.</summary>
    public long Packets { get; init; }

    /// <summary>Packets of a publisher that never came.</summary>
    public long Lost { get; init; }

    /// <summary>Packets sent again to a viewer, or of a publisher repaired.</summary>
    public long Retransmitted { get; init; }

    /// <summary>Packets that a viewer asked for again.</summary>
    public long Nacks { get; init; }

    /// <summary>Keyframes asked for by a viewer, or of a publisher.</summary>
    public long KeyframeRequests { get; init; }

    /// <summary>Changes of a viewer's encoding or layer.</summary>
    public long Switches { get; init; }

    /// <summary>How long a viewer got less than there was because its network did not carry more.</summary>
    public TimeSpan LimitedByBandwidth { get; init; }

    /// <summary>How long a viewer got no picture for want of bandwidth; part of <see cref="LimitedByBandwidth"/> or of what the node lacked.</summary>
    public TimeSpan Paused { get; init; }

    /// <summary>How long a viewer got pictures of which height in pixels, ascending.</summary>
    public IReadOnlyList<HeightTime> Heights { get; init; } = [];

    /// <summary>As negotiated, in lower case, separated by commas: "opus,vp8".</summary>
    public string Codecs { get; init; } = "";

    /// <summary>"udp" or "tcp".</summary>
    public string Transport { get; init; } = "";

    /// <summary>Why it ended; empty when that is not known.</summary>
    public string EndReason { get; init; } = "";

    /// <summary>True when the node died before the session's end: this is the last that was written of it.</summary>
    public bool Interrupted { get; init; }

    /// <summary><see cref="StartedAt"/> and <see cref="Duration"/>.</summary>
    public DateTimeOffset EndedAt => StartedAt + Duration;
}

/// <summary>How long pictures of one height were sent.</summary>
/// <param name="Height">In pixels; 0 when unknown.</param>
/// <param name="Time">How long.</param>
public readonly record struct HeightTime(int Height, TimeSpan Time);
