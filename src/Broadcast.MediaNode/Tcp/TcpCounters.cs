namespace Broadcast.MediaNode.Tcp;

/// <summary>What went through one worker's TCP connections. Written by its worker alone; other threads may read slightly old values.</summary>
public sealed class TcpCounters
{
    /// <summary>Connections taken.</summary>
    public long Accepted { get; internal set; }

    /// <summary>Connections closed at once because of a limit or the address they came to.</summary>
    public long Refused { get; internal set; }

    /// <summary>Failed attempts to accept.</summary>
    public long AcceptErrors { get; internal set; }

    /// <summary>Connections ended for any reason.</summary>
    public long Closed { get; internal set; }

    /// <summary>Of those, the ones that broke the rules: bad frame length, or a first frame that is no STUN message.</summary>
    public long ClosedForProtocol { get; internal set; }

    /// <summary>Of those, the ones without a valid frame for too long.</summary>
    public long ClosedIdle { get; internal set; }

    /// <summary>Frames received.</summary>
    public long ReceivedFrames { get; internal set; }

    /// <summary>Payload bytes of those.</summary>
    public long ReceivedBytes { get; internal set; }

    /// <summary>Datagrams written or queued.</summary>
    public long SentFrames { get; internal set; }

    /// <summary>Payload bytes of those.</summary>
    public long SentBytes { get; internal set; }

    /// <summary>Datagrams dropped because the peer is too slow.</summary>
    public long DroppedQueueFull { get; internal set; }

    /// <summary>Datagrams dropped because their connection is gone.</summary>
    public long DroppedClosed { get; internal set; }
}
