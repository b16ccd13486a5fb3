using Broadcast.Media.Sessions;
using Broadcast.Signalling.Api;
using Broadcast.Signalling.Auth;
using Broadcast.Signalling.Operate.Figures;
using Broadcast.Signalling.Sessions;

namespace Broadcast.Signalling.Operate;

/// <summary>This node's sessions as an operator's page shows them, and their end, also that of those who are kept out. Thread-safe.</summary>
public sealed class SessionViews
{
    private readonly IMediaPlane _media;
    private readonly SessionDirectory _sessions;
    private readonly BanList _bans;
    private readonly NodeIdentity _node;

    internal SessionViews(IMediaPlane media, SessionDirectory sessions, BanList bans, NodeIdentity node) => (_media, _sessions, _bans, _node) = (media, sessions, bans, node);

    /// <summary>Some of the sessions of a stream.</summary>
    public SessionPage Page(string streamId, int skip, int take)
    {
        var all = _media.GetSessions(streamId);
        var some = all.OrderBy(session => session.Kind).ThenBy(session => session.CreatedAt).ThenBy(session => session.SessionId, StringComparer.Ordinal).Skip(skip).Take(take);
        return new SessionPage(all.Count, [.. some.Select(Of)]);
    }

    /// <summary>Ends a session.</summary>
    /// <returns>False when it is unknown or over.</returns>
    public bool End(string sessionId) => _media.Close(sessionId);

    /// <summary>Takes another node's word of bans, and ends the sessions of those who are kept out from now on.</summary>
    public void KeepOut(IEnumerable<Ban> bans)
    {
        foreach (var ban in bans)
            _bans.Set(ban);
        _sessions.EndBanned(_bans);
    }

    private SessionFigures Of(SessionSnapshot session)
    {
        var view = SessionView.Of(session, viewerId: null);
        var caller = _sessions.CallerOf(session.SessionId);
        return new SessionFigures(
            session.SessionId,
            _node.Id,
            session.Kind == SessionKind.Publisher,
            view.State,
            session.CreatedAt.ToUnixTimeMilliseconds(),
            Math.Round(session.ConnectedFor.TotalSeconds, 1),
            session.RoundTrip?.TotalMilliseconds ?? -1,
            session.FractionLost,
            session.BitsPerSecond,
            session.EstimatedBitsPerSecond,
            session.Retransmitted,
            session.Candidate,
            view.Layer is { } layer ? NameOf(layer) : "",
            view.Layer?.Limit ?? "",
            caller?.Address is { } address ? (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString() : "",
            caller?.Token);
    }

    private static string NameOf(LayerInUseView layer) => layer.Paused ? "sound only" : layer.Height > 0 ? $"{layer.Height}p" : layer.Rid;
}
