using Broadcast.Media.Peers;
using Broadcast.Rtc;

namespace Broadcast.Media.Routing;

/// <summary>How the engines of one node reach each other.</summary>
public interface IEngineNeighbours
{
    /// <summary>Copies a datagram that arrived at the wrong worker into the queue of the right one.</summary>
    /// <returns>False when that queue is full.</returns>
    bool TryHandOver(int engineIndex, ReadOnlySpan<byte> datagram, in TransportPath path, MonotonicTime arrival);

    /// <summary>Has another worker forward what is new in a stream: <see cref="MediaEngine.NoteNews"/> there.</summary>
    void NoteNews(int engineIndex, LiveStream stream);

    /// <summary>Makes a worker look at its streams and commands soon. Cheap when it is awake already.</summary>
    void Wake(int engineIndex);
}

/// <summary>What an engine tells the control plane; raised on the worker's thread, so a handler only queues it.</summary>
public interface IEngineObserver
{
    /// <summary>DTLS is done.</summary>
    void OnConnected(Peer peer);

    /// <summary>The session is over and freed; see <see cref="Peer.EndReason"/>.</summary>
    void OnEnded(Peer peer);

    /// <summary>The first media of a publication has arrived.</summary>
    void OnMedia(Peer publisher);
}
