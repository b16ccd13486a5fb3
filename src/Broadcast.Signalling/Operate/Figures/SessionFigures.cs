using MessagePack;

namespace Broadcast.Signalling.Operate.Figures;

/// <summary>Some of the sessions of a stream at a node.</summary>
/// <param name="Total">How many there are.</param>
/// <param name="Sessions">Those that were asked for: publishers first, then by age.</param>
[MessagePackObject]
public sealed record SessionPage([property: Key(0)] int Total, [property: Key(1)] IReadOnlyList<SessionFigures> Sessions);

/// <summary>One session for an operator's page.</summary>
/// <param name="SessionId">Its id.</param>
/// <param name="Node">Where it is.</param>
/// <param name="IsPublisher">False for a viewer.</param>
/// <param name="State">As in the REST interface.</param>
/// <param name="CreatedAt">Milliseconds since 1970.</param>
/// <param name="ConnectedFor">Seconds.</param>
/// <param name="RoundTrip">Milliseconds; -1 when not measured.</param>
/// <param name="FractionLost">0 to 1.</param>
/// <param name="BitsPerSecond">Over the last second.</param>
/// <param name="EstimatedBitsPerSecond">Of the viewer's network; 0 when there is no estimate.</param>
/// <param name="Retransmitted">Packets sent again or recovered.</param>
/// <param name="Candidate">"udp" or "tcp"; empty before ICE.</param>
/// <param name="Layer">For people: the quality that a viewer gets.</param>
/// <param name="Limit">Why it is not better; empty without video.</param>
/// <param name="Address">Where the POST came from.</param>
/// <param name="Subject">By what a ban knows its token, <c>sub</c> or else <c>jti</c>; null without.</param>
[MessagePackObject]
public sealed record SessionFigures(
    [property: Key(0)] string SessionId,
    [property: Key(1)] string Node,
    [property: Key(2)] bool IsPublisher,
    [property: Key(3)] string State,
    [property: Key(4)] long CreatedAt,
    [property: Key(5)] double ConnectedFor,
    [property: Key(6)] double RoundTrip,
    [property: Key(7)] double FractionLost,
    [property: Key(8)] long BitsPerSecond,
    [property: Key(9)] long EstimatedBitsPerSecond,
    [property: Key(10)] long Retransmitted,
    [property: Key(11)] string Candidate,
    [property: Key(12)] string Layer,
    [property: Key(13)] string Limit,
    [property: Key(14)] string Address,
    [property: Key(15)] string? Subject);
