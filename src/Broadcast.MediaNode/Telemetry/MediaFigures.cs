using Broadcast.Media.Sessions;
using Broadcast.MediaNode.Relay;
using Broadcast.MediaNode.Sessions;

namespace Broadcast.MediaNode.Telemetry;

/// <summary>What the media plane says of itself at one moment. Nothing in it grows with the number of streams or sessions.</summary>
public sealed class MediaFigures
{
    /// <summary>Sessions in any state, by <see cref="SessionKind"/>.</summary>
    public required IReadOnlyList<int> Sessions { get; init; }

    /// <summary>Sessions made since the start, by <see cref="SessionKind"/>.</summary>
    public required IReadOnlyList<long> Opened { get; init; }

    /// <summary>Sessions that ended since the start, by kind and the word for the reason.</summary>
    public required IReadOnlyList<(SessionKind Kind, string Reason, long Count)> Ended { get; init; }

    /// <summary>Streams with a live publisher.</summary>
    public int ActiveStreams { get; init; }

    /// <summary>Sums over all sessions, those that ended included.</summary>
    public MediaTotals Totals { get; init; }

    /// <summary>What became of wishes for keyframes.</summary>
    public KeyframeTotals Keyframes { get; init; }

    /// <summary>The links to other nodes.</summary>
    public RelayTotals Links { get; init; }

    /// <summary>Connected viewers by the picture they get.</summary>
    public Buckets ViewersByHeight { get; } = new(Buckets.Heights);

    /// <summary>Connected viewers by what their network carries.</summary>
    public Buckets ViewersByEstimate { get; } = new(Buckets.Estimates);

    /// <summary>Streams of other nodes by hops from the publisher.</summary>
    public Buckets StreamsByDepth { get; } = new(Buckets.Depths);

    /// <summary>Adds a viewer to what is counted by size.</summary>
    internal void Add(NodeSession session)
    {
        if (session.Peer.Viewer is not { } viewer || session.Peer.State != SessionState.Connected) return;
        if (viewer.Layers.InUse is { Paused: false } layer) ViewersByHeight.AddPicture(layer.Width, layer.Height);
        else ViewersByHeight.AddNoPicture();
        ViewersByEstimate.AddEstimate(viewer.Layers.Estimator.BitsPerSecond);
    }
}
