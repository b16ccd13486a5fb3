using Broadcast.Media.Peers;
using Broadcast.Media.Relay;
using Broadcast.Rtc;

namespace Broadcast.MediaNode.Relay;

/// <summary>What the control side knows of the transport to a parent. Guarded by the media plane's control lock.</summary>
internal sealed class ParentLink(string nodeId)
{
    /// <summary>The parent.</summary>
    public string NodeId { get; } = nodeId;

    /// <summary>The dialing peer; null while there is no answer of the parent.</summary>
    public Peer? Peer { get; set; }

    /// <summary>What streams come by.</summary>
    public RelayTransport? Transport => Peer?.Relay;

    /// <summary>The username fragment under which the peer is known.</summary>
    public string UsernameFragment { get; set; } = "";

    /// <summary>The parent is being asked.</summary>
    public bool IsAsking { get; set; }

    /// <summary>When it may be tried again.</summary>
    public MonotonicTime RetryAt { get; set; }

    /// <summary>When a stream last wanted it.</summary>
    public MonotonicTime WantedAt { get; set; }
}

/// <summary>A transport that a child may use, and how it was answered. Guarded by the media plane's control lock.</summary>
/// <param name="Attempt">The child's handshake.</param>
/// <param name="Peer">The waiting peer.</param>
/// <param name="UsernameFragment">Under which it is known.</param>
/// <param name="Answer">What the child was told.</param>
internal sealed record ChildLink(Guid Attempt, Peer Peer, string UsernameFragment, Broadcast.RelayPlane.LinkAnswer Answer);
