using Broadcast.Media.Sessions;

namespace Broadcast.Signalling.Sessions;

/// <summary>Hears of every session that the HTTP plane opens; all that are registered do. The end is told by the media plane.</summary>
public interface ISessionJournal
{
    /// <summary>A session was accepted, before its client knows. Returns at once and throws nothing.</summary>
    void Opened(OpenedSession session);
}

/// <summary>What is known of a session only where it was opened.</summary>
/// <param name="SessionId">The id in its URL.</param>
/// <param name="StreamId">The stream it belongs to.</param>
/// <param name="Kind">Publisher or viewer.</param>
/// <param name="Subject">Whom the token names as its bearer; null when it names nobody, or there was none.</param>
/// <param name="ViewerId">Whose session it is over a viewer's sessions; null for a publisher's.</param>
public sealed record OpenedSession(string SessionId, string StreamId, SessionKind Kind, string? Subject, string? ViewerId);
