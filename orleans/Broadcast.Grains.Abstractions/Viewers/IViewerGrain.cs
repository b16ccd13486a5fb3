namespace Broadcast.Grains.Abstractions.Viewers;

/// <summary>One per viewer session, by "node/session", on the node that serves it; begun after the viewer has its answer.</summary>
[Alias("broadcast.viewer")]
public interface IViewerGrain : IGrainWithStringKey
{
    /// <summary>The session as it is now; the first tells the grain of it, and after a restart of the silo any does.</summary>
    [Alias("update"), ResponseTimeout(Patience.Control)]
    Task Update(ViewerProgress progress);

    /// <summary>The session is over; what it used is handed on once.</summary>
    [Alias("end"), ResponseTimeout(Patience.Control)]
    Task End(ViewerProgress progress);

    /// <summary>The session for operators; null when it is unknown here.</summary>
    [Alias("get"), ResponseTimeout(Patience.Control)]
    Task<ViewerProgress?> Get();
}

/// <summary>A viewer session, with all that it used since it began.</summary>
/// <param name="SessionId">Of the session.</param>
/// <param name="ViewerId">Of the viewer; the same over resumed sessions.</param>
/// <param name="StreamId">What it watches.</param>
/// <param name="Began">When the session began.</param>
/// <param name="Bytes">Sent to it.</param>
/// <param name="Packets">Sent to it.</param>
[GenerateSerializer, Immutable, Alias("broadcast.viewer-progress")]
public sealed record ViewerProgress(
    [property: Id(0)] string SessionId,
    [property: Id(1)] string ViewerId,
    [property: Id(2)] string StreamId,
    [property: Id(3)] DateTimeOffset Began,
    [property: Id(4)] long Bytes,
    [property: Id(5)] long Packets);
