namespace Broadcast.Signalling.Api;

/// <summary>What pages and tools need to know of this node.</summary>
/// <param name="NodeId">Name of the node.</param>
/// <param name="Version">Version of the program.</param>
/// <param name="TokenRequired">False when the node runs without authentication.</param>
/// <param name="PublicWatch">Streams are public to watch unless configured otherwise.</param>
/// <param name="IceServers">For RTCPeerConnection; TURN credentials only for callers with a valid token.</param>
/// <param name="Limits">What requests must keep to.</param>
public sealed record InfoView(
    string NodeId,
    string Version,
    bool TokenRequired,
    bool PublicWatch,
    IReadOnlyList<IceServerView> IceServers,
    LimitsView Limits);

/// <summary>An element of RTCConfiguration.iceServers.</summary>
/// <param name="Urls">stun:, turn: or turns: addresses.</param>
/// <param name="Username">For TURN.</param>
/// <param name="Credential">For TURN.</param>
public sealed record IceServerView(IReadOnlyList<string> Urls, string? Username = null, string? Credential = null);

/// <summary>What requests must keep to.</summary>
/// <param name="MaxBodyBytes">Longest body.</param>
/// <param name="MaxStreamNameLength">Longest stream name.</param>
public sealed record LimitsView(int MaxBodyBytes, int MaxStreamNameLength);

/// <summary>How a node is called.</summary>
/// <param name="Id">Unique among the nodes of a cluster.</param>
public sealed record NodeIdentity(string Id);
