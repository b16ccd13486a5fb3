using Broadcast.Media.Sessions;

namespace Broadcast.Signalling.Sessions;

/// <summary>Knows whether another node should serve a session instead of this one.</summary>
public interface ISessionRedirect
{
    /// <summary>The absolute endpoint URL to answer 307 with; null when this node serves the session itself.</summary>
    Uri? Elsewhere(SessionKind kind, string streamId);
}

/// <summary>One node alone serves everything itself.</summary>
internal sealed class ServeHere : ISessionRedirect
{
    public Uri? Elsewhere(SessionKind kind, string streamId) => null;
}
