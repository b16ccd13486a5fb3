namespace Broadcast.Media.Sessions;

/// <summary>What the HTTP plane may ask of the media plane. Every call returns at once and may come from any thread.</summary>
public interface IMediaPlane
{
    /// <summary>Begins an ingest session; a live one of the same stream is replaced and its viewers go on.</summary>
    /// <param name="streamId">A validated stream name.</param>
    /// <param name="offer">The SDP offer as it came.</param>
    /// <param name="waited">Since the request came; joins are measured from there.</param>
    SessionResult Publish(string streamId, string offer, TimeSpan waited = default);

    /// <summary>Begins a playback session on a live stream.</summary>
    /// <param name="streamId">A validated stream name.</param>
    /// <param name="offer">The SDP offer as it came.</param>
    /// <param name="choice">What the viewer wants of its video, in force before the first packet; <see cref="ChooseLayer"/> replaces it.</param>
    /// <param name="waited">Since the request came; joins are measured from there.</param>
    SessionResult Watch(string streamId, string offer, LayerChoice choice, TimeSpan waited = default);

    /// <summary>Gives a session new local ICE credentials (RFC 8445 §2.4); the old ones work until the first valid check with the new.</summary>
    /// <returns>Null when the session is unknown or over.</returns>
    IceRestart? RestartIce(string sessionId, string remoteUsernameFragment, string remotePassword);

    /// <summary>Ends a session: BYE, DTLS close_notify, everything freed.</summary>
    /// <returns>False when it is unknown or already over.</returns>
    bool Close(string sessionId);

    /// <summary>Sets what a viewer wants of its video; replaces what it wanted before.</summary>
    /// <param name="sessionId">A viewer's session.</param>
    /// <param name="choice">The wish; <see cref="LayerChoice.Automatic"/> to have none.</param>
    LayerChoiceResult ChooseLayer(string sessionId, LayerChoice choice);

    /// <summary>All streams that are live or have viewers.</summary>
    IReadOnlyList<StreamSnapshot> Streams { get; }

    /// <summary>One stream; null when it is neither live nor watched.</summary>
    StreamSnapshot? GetStream(string streamId);

    /// <summary>One session; null when it is unknown or over.</summary>
    SessionSnapshot? GetSession(string sessionId);

    /// <summary>All sessions of a stream.</summary>
    IReadOnlyList<SessionSnapshot> GetSessions(string streamId);

    /// <summary>Stream events, raised on a control thread in order; a handler must not block.</summary>
    event Action<StreamEvent>? StreamChanged;

    /// <summary>Raised on a control thread when the quality that a viewer gets has changed, up to about once a second; see <see cref="SessionSnapshot.Layer"/>.</summary>
    event Action<SessionSnapshot>? LayerChanged;

    /// <summary>Raised on a control thread after a session has ended, with its last snapshot.</summary>
    event Action<SessionSnapshot>? SessionEnded;
}
