namespace Broadcast.Grains.Storage;

/// <summary>What a stream's grain must find again after its silo's death.</summary>
/// <param name="Epoch">The number of the epoch given out last.</param>
/// <param name="Claim">What else distinguishes that epoch.</param>
/// <param name="Root">The publisher's node; null when there is none or it is lost.</param>
/// <param name="Session">The publisher's session; null when there is none or it is not known.</param>
/// <param name="IsReleased">The publisher of this epoch has ended.</param>
internal sealed record StoredStream(long Epoch, ulong Claim, string? Root, string? Session, bool IsReleased = false);

/// <summary>Keeps the small state of streams. Thread-safe. A store that is away throws, within seconds.</summary>
/// <remarks>
/// Not Orleans' storage interface: that reads before a grain may live at all, and a stream must be served while its store is away;
/// and it knows only whether a state is the one last read, while here the higher epoch must win whoever writes first.
/// </remarks>
internal interface IStreamStore
{
    /// <summary>The stored state; null for a stream that never was.</summary>
    Task<StoredStream?> ReadAsync(string streamId, CancellationToken cancellationToken);

    /// <summary>Stores a state, unless one of a higher epoch is stored.</summary>
    /// <returns>False when a higher epoch is stored; nothing was changed then.</returns>
    Task<bool> WriteAsync(string streamId, StoredStream state, CancellationToken cancellationToken);
}
