namespace Broadcast.Media.Sessions;

/// <summary>Why a session was refused; each has one HTTP status.</summary>
public enum SessionRefusal
{
    /// <summary>The SDP, or what was said beside it, cannot be parsed: 400.</summary>
    MalformedOffer,

    /// <summary>Well-formed, but this server cannot use it: 422.</summary>
    UnusableOffer,

    /// <summary>The viewer cannot play what is published: 406.</summary>
    NoCommonCodec,

    /// <summary>Nobody publishes this stream now: 409 + Retry-After.</summary>
    NotLive,

    /// <summary>A layer was asked for that is not published: 422.</summary>
    UnknownLayer,

    /// <summary>The node is full: 503 + Retry-After.</summary>
    AtCapacity,
}

/// <summary>Outcome of <see cref="IMediaPlane.Publish"/> or <see cref="IMediaPlane.Watch"/>.</summary>
public abstract record SessionResult
{
    private SessionResult()
    {
    }

    /// <summary>The session exists and waits for the peer's first connectivity check.</summary>
    /// <param name="SessionId">Unguessable, URL-safe.</param>
    /// <param name="Answer">Complete SDP answer with all candidates.</param>
    /// <param name="UsernameFragment">Local ICE username fragment of the current generation.</param>
    public sealed record Accepted(string SessionId, string Answer, string UsernameFragment) : SessionResult;

    /// <summary>The session was not created.</summary>
    /// <param name="Reason">The class of the refusal.</param>
    /// <param name="Detail">A sentence for a person: what was wrong and what to do.</param>
    /// <param name="RetryAfter">When it is worth trying again.</param>
    public sealed record Refused(SessionRefusal Reason, string Detail, TimeSpan? RetryAfter = null) : SessionResult;
}

/// <summary>New local ICE parameters after a restart.</summary>
/// <param name="UsernameFragment">New local username fragment.</param>
/// <param name="Password">New local password.</param>
/// <param name="Candidates">Values of a=candidate lines, without the "candidate:" attribute name prefix "a=".</param>
public sealed record IceRestart(string UsernameFragment, string Password, IReadOnlyList<string> Candidates);
