namespace Broadcast.Signalling.Limits;

/// <summary>What kept a session from being opened.</summary>
internal enum SessionLimit
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Sessions from one address.</summary>
    Address,

    /// <summary>Sessions with tokens of one subject.</summary>
    Subject,

    /// <summary>Streams published at this node.</summary>
    Streams,

    /// <summary>Viewers at this node.</summary>
    Viewers,

    /// <summary>Viewers of the stream at this node.</summary>
    StreamViewers,

    /// <summary>The media threads have too much to do.</summary>
    Busy,
}
