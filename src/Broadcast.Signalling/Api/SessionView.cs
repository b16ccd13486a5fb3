using Broadcast.Media.Sessions;

namespace Broadcast.Signalling.Api;

/// <summary>A session in the REST interface.</summary>
/// <param name="SessionId">The id in its URL.</param>
/// <param name="StreamId">The stream it belongs to.</param>
/// <param name="Kind">"publisher" or "viewer".</param>
/// <param name="State">"new", "connecting", "connected", "interrupted" or "ended".</param>
/// <param name="CreatedAt">When the POST came.</param>
/// <param name="ConnectedFor">Seconds since DTLS completed.</param>
/// <param name="RoundTrip">Seconds, latest; null when not measured.</param>
/// <param name="FractionLost">0 to 1, on the leg to this peer.</param>
/// <param name="BitsPerSecond">Over the last second.</param>
/// <param name="Packets">Sent to the viewer, or received from the publisher.</param>
/// <param name="Bytes">Of those packets, headers included.</param>
/// <param name="Retransmitted">Packets sent again (viewer) or recovered (publisher).</param>
/// <param name="Candidate">"udp" or "tcp"; empty before ICE.</param>
/// <param name="EndReason">Why it ended; null while it lives.</param>
/// <param name="Layer">The quality a viewer gets; null for publishers, without video, and before the first picture.</param>
/// <param name="EstimatedBitsPerSecond">The estimate of the viewer's network; null when there is none.</param>
/// <param name="ViewerId">Whose session it is; the same after a viewer went on at another node. Null for publishers.</param>
public sealed record SessionView(
    string SessionId,
    string StreamId,
    string Kind,
    string State,
    DateTimeOffset CreatedAt,
    double ConnectedFor,
    double? RoundTrip,
    double FractionLost,
    long BitsPerSecond,
    long Packets,
    long Bytes,
    long Retransmitted,
    string Candidate,
    string? EndReason,
    LayerInUseView? Layer,
    long? EstimatedBitsPerSecond,
    string? ViewerId)
{
    internal static SessionView Of(SessionSnapshot session, string? viewerId) => new(
        session.SessionId,
        session.StreamId,
        session.Kind == SessionKind.Publisher ? "publisher" : "viewer",
        Name(session.State),
        session.CreatedAt,
        session.ConnectedFor.TotalSeconds,
        session.RoundTrip?.TotalSeconds,
        session.FractionLost,
        session.BitsPerSecond,
        session.Packets,
        session.Bytes,
        session.Retransmitted,
        session.Candidate,
        session.EndReason,
        LayerInUseView.Of(session.Layer),
        session.EstimatedBitsPerSecond > 0 ? session.EstimatedBitsPerSecond : null,
        viewerId);

    private static string Name(SessionState state) => state switch
    {
        SessionState.New => "new",
        SessionState.Connecting => "connecting",
        SessionState.Connected => "connected",
        SessionState.Interrupted => "interrupted",
        _ => "ended",
    };
}
