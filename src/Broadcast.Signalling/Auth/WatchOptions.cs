namespace Broadcast.Signalling.Auth;

/// <summary>Which streams can be watched without a token. Configuration section <c>Broadcast:Watch</c>.</summary>
public sealed class WatchOptions
{
    /// <summary>Streams without an entry in <see cref="Streams"/> are public. Defaults to true.</summary>
    public bool Public { get; set; } = true;

    /// <summary>Exceptions by stream name: true is public, false needs a token with the watch scope.</summary>
    public IDictionary<string, bool> Streams { get; } = new Dictionary<string, bool>(StringComparer.Ordinal);

    /// <summary>True when anybody may watch the stream.</summary>
    public bool IsPublic(string stream) => Streams.TryGetValue(stream, out var isPublic) ? isPublic : Public;
}
