namespace Broadcast.Grains.Abstractions;

/// <summary>How long a caller waits for a grain, as attributes want it. Orleans' own 30 s is never right between nodes.</summary>
internal static class Patience
{
    /// <summary>A publisher or viewer waits for the answer.</summary>
    public const string Request = "00:00:05";

    /// <summary>A node waits for the stream's first packets before it can record; shorter than <see cref="Request"/>, within which somebody waits for that.</summary>
    public const string Recording = "00:00:04";

    /// <summary>Commands and reports, which are repeated anyway.</summary>
    public const string Control = "00:00:02";

    /// <summary>A handshake between nodes: the child has another parent to ask.</summary>
    public const string Link = "00:00:01";
}
