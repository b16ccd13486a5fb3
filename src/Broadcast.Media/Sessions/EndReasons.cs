namespace Broadcast.Media.Sessions;

/// <summary>Why sessions end, in sentences for people, each with a word for metrics.</summary>
public static class EndReasons
{
    /// <summary>A publisher's BYE.</summary>
    public const string Goodbye = "The publisher said goodbye.";

    /// <summary>DTLS close_notify.</summary>
    public const string Closed = "The peer closed the connection.";

    /// <summary>Consent has expired (RFC 7675).</summary>
    public const string Silent = "Nothing was heard for 30 s.";

    /// <summary>What comes before the handshake's own reason.</summary>
    public const string HandshakeFailed = "DTLS failed: ";

    /// <summary>No valid connectivity check ever came.</summary>
    public const string NeverConnected = "Never connected.";

    /// <summary>DELETE, by its owner or an operator.</summary>
    public const string ByRequest = "Closed by request.";

    /// <summary>Another session publishes the stream on this node.</summary>
    public const string Replaced = "Replaced by a new publisher session.";

    /// <summary>Another session publishes the stream elsewhere.</summary>
    public const string ReplacedElsewhere = "Replaced by a new publisher session on another node.";

    /// <summary>The publisher has been away for too long.</summary>
    public const string BroadcastOver = "The broadcast is over.";

    /// <summary>The next publication has other codecs.</summary>
    public const string OtherFormat = "The broadcast goes on in another format.";

    /// <summary>The media plane is stopped.</summary>
    public const string NodeStops = "The node stops.";

    private const string Other = "other";

    private static readonly Dictionary<string, string> Words = new(StringComparer.Ordinal)
    {
        [Goodbye] = "left",
        [Closed] = "left",
        [Silent] = "silent",
        [NeverConnected] = "never_connected",
        [ByRequest] = "closed",
        [Replaced] = "replaced",
        [ReplacedElsewhere] = "replaced",
        [BroadcastOver] = "broadcast_over",
        [OtherFormat] = "other_format",
        [NodeStops] = "node_stops",
    };

    /// <summary>One of a few words, whatever the sentence: what a metric can be labelled with.</summary>
    public static string WordOf(string? reason) =>
        reason is null ? Other
        : Words.TryGetValue(reason, out var word) ? word
        : reason.StartsWith(HandshakeFailed, StringComparison.Ordinal) ? "handshake_failed"
        : Other;
}
