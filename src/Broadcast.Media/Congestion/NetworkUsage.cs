namespace Broadcast.Media.Congestion;

/// <summary>What the delay tells of the queue before the narrowest link (draft-ietf-rmcat-gcc-02 §5.4).</summary>
public enum NetworkUsage
{
    /// <summary>The queue stays as it is.</summary>
    Normal,

    /// <summary>The queue becomes shorter: let it drain.</summary>
    Underuse,

    /// <summary>The queue becomes longer: more is sent than fits.</summary>
    Overuse,
}
