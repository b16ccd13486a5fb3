namespace Broadcast.RelayPlane;

/// <summary>What a media plane tells its control plane; never waited for. Stamps are those of the newest command carried out.</summary>
public abstract record RelayEvent
{
    /// <summary>The span in whose course it happened, as W3C traceparent; null when it is not traced.</summary>
    public string? Trace { get; init; }
}

/// <summary>The transport to a parent works.</summary>
public sealed record LinkUp(string ParentNodeId) : RelayEvent;

/// <summary>The transport to a parent is gone or could not be made; the media plane tries again by itself with a new attempt while it is wanted.</summary>
public sealed record LinkDown(string ParentNodeId) : RelayEvent;

/// <summary>A stream's parent sent neither media nor an answer for the time that counts as silence, and there is no standby to take.</summary>
public sealed record ParentSilent(string StreamId, StreamStamp Stamp, string ParentNodeId) : RelayEvent;

/// <summary>The media plane went over to its standby by itself, because the parent fell silent.</summary>
public sealed record TookStandby(string StreamId, StreamStamp Stamp, string OldParentNodeId, string NewParentNodeId) : RelayEvent;

/// <summary>Media of the stream arrives and viewers can be served: after an attachment, or because a publisher is connected here.</summary>
public sealed record StreamActive(string StreamId, StreamStamp Stamp) : RelayEvent;

/// <summary>Nobody has watched the stream here, and no child taken it, for the linger.</summary>
public sealed record StreamIdle(string StreamId, StreamStamp Stamp) : RelayEvent;
