using Broadcast.Grains.Abstractions.Publishers;

namespace Broadcast.Grains.Abstractions.Relays;

/// <summary>What differs from before, for people; a node goes by parent and standby.</summary>
[Alias("broadcast.order-kind")]
public enum OrderKind
{
    /// <summary>Begin to carry the stream.</summary>
    Attach = 0,

    /// <summary>Take it from another parent, make before break.</summary>
    Switch = 1,

    /// <summary>Keep the parent, change the standby.</summary>
    Standby = 2,

    /// <summary>Stop carrying it.</summary>
    Detach = 3,
}

/// <summary>The whole place of one node in a stream's tree, so that repeating or skipping one does no harm.</summary>
/// <param name="StreamId">The stream.</param>
/// <param name="NodeId">To whom.</param>
/// <param name="Epoch">The publisher session.</param>
/// <param name="Version">Of the tree.</param>
/// <param name="Kind">What differs.</param>
/// <param name="Parent">Who feeds it; null to stop.</param>
/// <param name="Standby">Whom it keeps warm.</param>
/// <param name="Reason">Why, for operators.</param>
[GenerateSerializer, Immutable, Alias("broadcast.relay-order")]
public sealed record RelayOrder(
    [property: Id(0)] string StreamId,
    [property: Id(1)] string NodeId,
    [property: Id(2)] Epoch Epoch,
    [property: Id(3)] long Version,
    [property: Id(4)] OrderKind Kind,
    [property: Id(5)] string? Parent,
    [property: Id(6)] string? Standby,
    [property: Id(7)] string Reason);
