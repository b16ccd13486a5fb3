using Broadcast.Media.Relay;

namespace Broadcast.MediaNode.Relay;

/// <summary>The links of a node as they are, and what they have done since the start.</summary>
public readonly record struct RelayTotals
{
    /// <summary>Nodes to which there is a transport that can feed this one, standbys included.</summary>
    public int Parents { get; init; }

    /// <summary>Nodes that this one may feed.</summary>
    public int ChildNodes { get; init; }

    /// <summary>Nodes fed, counted once for each stream.</summary>
    public int Children { get; init; }

    /// <summary>Streams that come from other nodes.</summary>
    public int Streams { get; init; }

    /// <summary>Hops from the publisher of the stream that is farthest from its own.</summary>
    public int Depth { get; init; }

    /// <summary>Times that a standby was taken because a parent fell silent.</summary>
    public long Takeovers { get; init; }

    /// <summary>Media received from parents.</summary>
    public long BytesReceived { get; init; }

    /// <summary>Media sent to children, repairs not counted.</summary>
    public long BytesSent { get; init; }

    /// <summary>Packets that parents were asked for again, each as often as it was.</summary>
    public long NacksSent { get; init; }

    /// <summary>Of those, what came.</summary>
    public long Repaired { get; init; }

    /// <summary>What parents told of a publication that was over.</summary>
    public long StaleStates { get; init; }

    /// <summary>Control frames that could not be read, or spoke of what is not there.</summary>
    public long BadFrames { get; init; }

    internal RelayTotals Plus(RelayTransport? transport) => transport is null
        ? this
        : this with { BytesReceived = BytesReceived + transport.BytesReceived, BytesSent = BytesSent + transport.BytesSent, BadFrames = BadFrames + transport.BadFrames };

    internal RelayTotals Plus(RelayInbound inbound) =>
        this with
        {
            Takeovers = Takeovers + inbound.Takeovers,
            StaleStates = StaleStates + inbound.StaleStates,
            NacksSent = NacksSent + inbound.NacksSent,
            Repaired = Repaired + inbound.Repaired,
        };
}
