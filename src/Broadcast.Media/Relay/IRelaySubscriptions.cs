using Broadcast.Media.Routing;
using Broadcast.Rtc;

namespace Broadcast.Media.Relay;

/// <summary>Where a transport puts what its child wants: among those that an engine serves with a stream.</summary>
internal interface IRelaySubscriptions
{
    /// <summary>Serves a link with a stream from now on.</summary>
    void Subscribe(LiveStream stream, RelayOutbound outbound);

    /// <summary>The opposite.</summary>
    void Unsubscribe(LiveStream stream, RelayOutbound outbound);

    /// <summary>Serves the links of a stream at the next turn, news or not.</summary>
    void Urge(LiveStream stream);
}

/// <summary>What the control side of a node hears of its links; called on a worker's thread, so a handler only queues it.</summary>
public interface IRelayObserver
{
    /// <summary>The tracks of a publication are known: viewers can be served.</summary>
    void OnPublication(RelayInbound inbound);

    /// <summary>Its first media has come.</summary>
    void OnMedia(RelayInbound inbound);

    /// <summary>The publisher has left.</summary>
    void OnPublicationEnded(RelayInbound inbound);

    /// <summary>A parent was silent for too long.</summary>
    /// <param name="inbound">The stream's link.</param>
    /// <param name="lost">The parent.</param>
    /// <param name="taken">The standby that has taken its place; null when there was none.</param>
    /// <param name="since">The last sign of it.</param>
    void OnParentLost(RelayInbound inbound, string lost, string? taken, MonotonicTime since);

    /// <summary>Media comes again after a parent was lost.</summary>
    /// <param name="inbound">The stream's link.</param>
    /// <param name="pause">Since the last sign of the parent that was lost.</param>
    void OnHealed(RelayInbound inbound, TimeSpan pause);

    /// <summary>A planned move is over.</summary>
    /// <param name="inbound">The stream's link.</param>
    /// <param name="parent">The new parent.</param>
    /// <param name="succeeded">False when it did not deliver in time; the old one stays.</param>
    void OnMoved(RelayInbound inbound, string parent, bool succeeded);
}
