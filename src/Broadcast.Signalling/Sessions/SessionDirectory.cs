using System.Collections.Concurrent;
using System.Net;
using Broadcast.Media.Sessions;
using Broadcast.Signalling.Auth;
using Broadcast.Signalling.Events;

namespace Broadcast.Signalling.Sessions;

/// <summary>Session URLs that answer, and those that lately ended. Safe to use from any thread.</summary>
/// <remarks>The media plane owns the sessions; this directory follows its events.</remarks>
internal sealed class SessionDirectory : IDisposable
{
    /// <summary>How long a session that is over still answers DELETE with 200: clients repeat a DELETE whose answer was lost.</summary>
    public static readonly TimeSpan EndedFor = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan PurgeInterval = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, SessionResource> _live = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Ended> _ended = new(StringComparer.Ordinal);
    private readonly IMediaPlane _media;
    private readonly TimeProvider _time;
    private readonly ITimer _purge;

    public SessionDirectory(IMediaPlane media, TimeProvider time)
    {
        _media = media;
        _time = time;
        _media.SessionEnded += OnSessionEnded;
        _media.LayerChanged += OnLayerChanged;
        _purge = time.CreateTimer(_ => Purge(), null, PurgeInterval, PurgeInterval);
    }

    public int Count => _live.Count;

    public void Add(SessionResource session)
    {
        _live[session.SessionId] = session;
        // The media plane may have ended the session between accepting it and this line.
        if (_ended.ContainsKey(session.SessionId))
            Forget(session.SessionId);
    }

    /// <summary>The live session of this URL; null when it is unknown, over, or of another stream or protocol.</summary>
    public SessionResource? Find(SessionKind kind, string streamId, string sessionId) =>
        _live.TryGetValue(sessionId, out var session) && session.Kind == kind && session.StreamId == streamId ? session : null;

    /// <summary>Whose session it is; null for a publisher's and those that are over.</summary>
    public string? ViewerOf(string sessionId) => _live.TryGetValue(sessionId, out var session) ? session.ViewerId : null;

    /// <summary>Where a session's POST came from, and by what a ban knows its token: whose it is, or else which; null for those that are over.</summary>
    public (IPAddress? Address, string? Token)? CallerOf(string sessionId) =>
        _live.TryGetValue(sessionId, out var session) ? (session.Address, session.Subject ?? session.TokenId) : null;

    /// <summary>Ends the sessions of those who are kept out now.</summary>
    public void EndBanned(BanList bans)
    {
        foreach (var (sessionId, session) in _live)
        {
            if (bans.Find(session.Address, session.Subject, session.TokenId) is not null)
                End(session.Kind, session.StreamId, sessionId);
        }
    }

    /// <summary>Whether a session publishes this stream, as far as this node knows.</summary>
    public bool HasPublisher(string streamId)
    {
        foreach (var (_, session) in _live)
        {
            if (session.Kind == SessionKind.Publisher && session.StreamId == streamId)
                return true;
        }

        return false;
    }

    /// <summary>Ends the session of this URL.</summary>
    /// <returns>False when there was none within the last minute.</returns>
    public bool End(SessionKind kind, string streamId, string sessionId)
    {
        if (Find(kind, streamId, sessionId) is { } session)
        {
            _media.Close(sessionId);
            MarkEnded(sessionId, session.Kind, session.StreamId);
            return true;
        }

        return _ended.TryGetValue(sessionId, out var ended) && ended.Kind == kind && ended.StreamId == streamId;
    }

    /// <summary>Ends every event stream; the sessions themselves go on.</summary>
    public void CloseEventStreams()
    {
        foreach (var (_, session) in _live)
            session.Subscriptions.CloseAll();
    }

    public void Dispose()
    {
        _media.SessionEnded -= OnSessionEnded;
        _media.LayerChanged -= OnLayerChanged;
        _purge.Dispose();
    }

    private void OnSessionEnded(SessionSnapshot last) => MarkEnded(last.SessionId, last.Kind, last.StreamId);

    // One look-up, however many watch: looking for the session among a stream's subscriptions would cost their number each time.
    private void OnLayerChanged(SessionSnapshot now)
    {
        if (!_live.TryGetValue(now.SessionId, out var session) || session.Layer == now.Layer)
            return;
        session.Layer = now.Layer;
        session.Subscriptions.Raise(EventSet.Of(StreamEventKind.Layers));
    }

    private void MarkEnded(string sessionId, SessionKind kind, string streamId)
    {
        _ended[sessionId] = new Ended(kind, streamId, _time.GetTimestamp());
        Forget(sessionId);
    }

    private void Forget(string sessionId)
    {
        if (!_live.TryRemove(sessionId, out var session))
            return;
        session.Place?.Dispose();
        session.Subscriptions.CloseAll();
    }

    private void Purge()
    {
        foreach (var (sessionId, ended) in _ended)
        {
            if (_time.GetElapsedTime(ended.At) > EndedFor)
                _ended.TryRemove(sessionId, out _);
        }
    }

    private sealed record Ended(SessionKind Kind, string StreamId, long At);
}
