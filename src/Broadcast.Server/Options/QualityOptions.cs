using Broadcast.Media.Layers;

namespace Broadcast.Server.Options;

/// <summary>What viewers of a stream get at most. Configuration section <c>Broadcast:Quality</c>.</summary>
public sealed class QualityOptions
{
    /// <summary>Limits by the stream's name; "*" for all that are not named.</summary>
    public IDictionary<string, LayerLimits> Streams { get; } = new Dictionary<string, LayerLimits>(StringComparer.Ordinal);
}
