namespace Broadcast.RelayPlane;

/// <summary>Relay links of one node's media plane, as its control plane sees them. Every call returns at once and may come from any thread.</summary>
public interface IRelayPlane
{
    /// <summary>Says whom to tell and to ask; called once, before anything else. What happened before is in <see cref="Carried"/>.</summary>
    void Connect(IRelayControl control);

    /// <summary>As the parent: prepares a transport for a child. The same child and attempt get the same answer.</summary>
    /// <remarks>A new attempt of a child replaces its former one only when the new transport has been proved by DTLS.</remarks>
    /// <returns>Null when the node takes no more children, or is going down.</returns>
    LinkAnswer? AcceptLink(LinkRequest request);

    /// <summary>As the child: carries out a command. One that is older than the newest seen of its stream is ignored.</summary>
    void Apply(RelayCommand command);

    /// <summary>True when viewers of the stream can be served here now.</summary>
    bool Carries(string streamId);

    /// <summary>What the node knows of a stream; null when it does not carry it and nobody watches it here.</summary>
    CarriedStream? Find(string streamId);

    /// <summary>What the node carries; the truth from which the control plane recovers.</summary>
    IReadOnlyList<CarriedStream> Carried { get; }

    /// <summary>What the node sends and may send.</summary>
    RelayLoad Load { get; }
}

/// <summary>The control plane of a node, as its media plane sees it; works as well, with refusals, while the silo is down.</summary>
public interface IRelayControl
{
    /// <summary>As the child: brings a handshake to the parent's node through the cluster.</summary>
    /// <returns>Null when the parent is unknown, refuses, or cannot be reached now.</returns>
    Task<LinkAnswer?> RequestLinkAsync(string parentNodeId, LinkRequest request, CancellationToken cancellationToken);

    /// <summary>Queues an event; never blocks. When the queue is full the oldest is dropped: <see cref="IRelayPlane.Carried"/> is read again later anyway.</summary>
    void Report(RelayEvent relayEvent);
}
