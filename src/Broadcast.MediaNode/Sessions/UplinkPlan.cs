using Broadcast.Media.Layers;
using Broadcast.Media.Routing;
using Broadcast.Media.Sessions;

namespace Broadcast.MediaNode.Sessions;

/// <summary>Shares the configured uplink of the node among its viewers, once a second.</summary>
/// <remarks>
/// Each gets a picture, and then all the same share. Where not even everybody's lowest quality fits, those who came last get the sound
/// alone: a picture for all would be one for none. Guarded by the media plane's control lock.
/// </remarks>
/// <param name="share">What the workers read.</param>
/// <param name="capacity">Bits per second; 0 for no limit.</param>
internal sealed class UplinkPlan(UplinkShare share, long capacity)
{
    /// <summary>Sound, reports and repairs: what a viewer costs besides its picture.</summary>
    public const long BesidesVideo = 100_000;

    private readonly List<NodeSession> _viewers = [];
    private PictureDemand[] _demands = [];
    private long _left = long.MaxValue;

    /// <summary>True when one more viewer can have a picture; it is counted.</summary>
    public bool Admits(LayerController viewer, LiveStream stream)
    {
        if (capacity <= 0 || stream.Publication is not { } publication) return true;
        var needed = Comfortable(viewer.Demand(publication.Qualities, stream.Limits).Least) + BesidesVideo;
        if (needed > _left) return false;
        _left -= needed;
        return true;
    }

    /// <summary>Finds who can have a picture, and the level up to which each gets what it could use.</summary>
    public void Update(IReadOnlyCollection<NodeSession> sessions)
    {
        if (capacity <= 0) return;
        _viewers.Clear();
        foreach (var session in sessions)
        {
            if (session is { Kind: SessionKind.Viewer, Peer.State: SessionState.Connected }) _viewers.Add(session);
        }

        _viewers.Sort(ByRight);
        if (_demands.Length < _viewers.Count) _demands = new PictureDemand[_viewers.Count * 2];
        var forVideo = Math.Max(0, capacity - (_viewers.Count * BesidesVideo));
        var (left, served) = (forVideo, 0);
        foreach (var session in _viewers)
        {
            var layers = session.Peer.Viewer!.Layers;
            var demand = session.Stream.Publication is { } publication ? layers.Demand(publication.Qualities, session.Stream.Limits) : default;
            layers.IsCrowdedOut = demand.Least > 0 && (layers.IsCrowdedOut ? Comfortable(demand.Least) : demand.Least) > left;
            if (layers.IsCrowdedOut) continue;
            left -= demand.Least;
            _demands[served++] = demand;
        }

        _left = left;
        share.BitsPerViewer = UplinkShare.Level(_demands.AsSpan(0, served), forVideo);
    }

    // Rates go up and down by themselves; nobody's picture shall go and come with them.
    private static long Comfortable(long least) => least * 5 / 4;

    private static int ByRight(NodeSession a, NodeSession b)
    {
        var served = a.Peer.Viewer!.Layers.IsCrowdedOut.CompareTo(b.Peer.Viewer!.Layers.IsCrowdedOut);
        return served != 0 ? served : a.Peer.CreatedAt.CompareTo(b.Peer.CreatedAt);
    }
}
