using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Broadcast.Vod.Recordings;

namespace Broadcast.Vod.Stores;

/// <summary>Where finished files lie. Thread-safe.</summary>
/// <remarks>Each call throws <see cref="StoreUnavailableException"/> while the store cannot be reached; it may work later.</remarks>
public interface IVodStore
{
    /// <summary>Puts a file into the store. When it returns, the file is there as a whole; before, nothing of it can be read.</summary>
    /// <param name="key">What it is called from now on.</param>
    /// <param name="path">Of the file. What a failed call has sent already may be used by the next one for the same file.</param>
    /// <param name="mediaType">Of it.</param>
    /// <param name="progress">Bytes that are there.</param>
    /// <param name="cancellation">To give up.</param>
    Task PutAsync(StoreKey key, string path, string mediaType, IProgress<long> progress, CancellationToken cancellation);

    /// <summary>How long a file is; null when it is not there.</summary>
    Task<long?> FindAsync(StoreKey key, CancellationToken cancellation);

    /// <summary>Opens a part of a file.</summary>
    /// <param name="key">Which.</param>
    /// <param name="offset">Of its first byte, less than the file's length.</param>
    /// <param name="length">In bytes, within the file.</param>
    /// <param name="cancellation">To give up.</param>
    /// <returns>Null when the file is not there.</returns>
    Task<Stream?> OpenAsync(StoreKey key, long offset, long length, CancellationToken cancellation);

    /// <summary>Removes a file; one that is not there is as good as removed.</summary>
    Task DeleteAsync(StoreKey key, CancellationToken cancellation);
}

/// <summary>The store cannot be reached, or refuses; the message is for a person.</summary>
public sealed class StoreUnavailableException(string message, Exception inner) : Exception(message, inner);

/// <summary>Names a file in a store: a recording, and a name that this program chose.</summary>
public readonly record struct StoreKey
{
    private const int MaxLength = 80;

    private static readonly SearchValues<char> Allowed = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-.");

    private StoreKey(RecordingId recording, string name) => (Recording, Name) = (recording, name);

    /// <summary>Whose file it is.</summary>
    public RecordingId Recording { get; }

    /// <summary>Without a folder.</summary>
    public string Name { get; }

    /// <summary>Makes a key.</summary>
    /// <exception cref="ArgumentException">The name is not one that this program chooses.</exception>
    public static StoreKey Of(RecordingId recording, string name) =>
        TryCreate(recording, name, out var key) ? key.Value : throw new ArgumentException($"\"{name}\" is no name of a file in the store.", nameof(name));

    /// <summary>Makes a key; null when the name is none.</summary>
    public static bool TryCreate(RecordingId recording, string? name, [NotNullWhen(true)] out StoreKey? key)
    {
        key = IsName(name) && recording.ToString().Length == RecordingId.Length ? new StoreKey(recording, name) : null;
        return key is not null;
    }

    /// <summary>True for lower-case letters, digits, "-" and single dots inside: no folder, no hidden file, no way up.</summary>
    public static bool IsName([NotNullWhen(true)] string? name) =>
        name is { Length: > 0 and <= MaxLength } && !name.AsSpan().ContainsAnyExcept(Allowed) && name[0] != '.' && name[^1] != '.'
        && !name.Contains("..", StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => $"{Recording}/{Name}";
}
