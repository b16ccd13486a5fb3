using Broadcast.Media.Sessions;
using Broadcast.Signalling.Auth;

namespace Broadcast.Signalling.Sessions;

/// <summary>What differs between WHIP and WHEP where they are otherwise alike.</summary>
internal sealed record SessionProtocol(string Name, SessionKind Kind, TokenScope Scope)
{
    public static readonly SessionProtocol Whip = new("whip", SessionKind.Publisher, TokenScope.Publish);

    public static readonly SessionProtocol Whep = new("whep", SessionKind.Viewer, TokenScope.Watch);

    /// <summary>Route of the endpoint that takes offers.</summary>
    public string EndpointRoute => $"/{Name}/{{stream}}";

    /// <summary>Route of a session. The id is unguessable, and the bearer is checked on top of it.</summary>
    public string SessionRoute => $"/{Name}/{{stream}}/{{session}}";

    /// <summary>Absolute path of a session; without a query, which OBS would lose.</summary>
    public string SessionPath(string pathBase, string streamId, string sessionId) => $"{pathBase}/{Name}/{streamId}/{sessionId}";
}
