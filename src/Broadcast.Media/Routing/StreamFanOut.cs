using System.Runtime.InteropServices;
using Broadcast.Media.Peers;
using Broadcast.Media.Relay;
using Broadcast.Media.Send;
using Broadcast.Rtc;

namespace Broadcast.Media.Routing;

/// <summary>The viewers of one stream on one worker, and how far they have been served.</summary>
/// <remarks>
/// Viewer by viewer, not packet by packet: all that one viewer gets in a burst is encrypted in one go while its keys are
/// in the cache, lies contiguous in the send buffer, and leaves in one segmented send. Each burst begins at another viewer
/// (<see cref="RotatingStart"/>), so that nobody is always last. Owned by one MediaWorker.
/// </remarks>
public sealed class StreamFanOut(LiveStream stream)
{
    /// <summary>How often those are served who wait for their pace.</summary>
    private static readonly TimeSpan PaceInterval = Pacer.Burst;

    /// <summary>How often those are served whose network is probed.</summary>
    private static readonly TimeSpan ProbeInterval = TimeSpan.FromMilliseconds(1);

    private readonly List<Peer> _viewers = [];
    private readonly List<Peer> _paced = [];
    private readonly List<RelayOutbound> _links = [];
    private Publication? _publication;
    private long[] _heads = [];
    private long[] _served = [];
    private BurstPlan[] _plans = [];
    private RotatingStart _start;
    private ulong _demand;
    private bool _urgent;

    /// <summary>The stream.</summary>
    public LiveStream Stream { get; } = stream;

    /// <summary>Viewers and links here.</summary>
    public int Count => _viewers.Count + _links.Count;

    /// <summary>The tracks that are needed here, by <see cref="SourceTrack.Index"/>.</summary>
    public ulong Demand => _demand;

    /// <summary>True while the engine has it among those with something to send.</summary>
    internal bool IsListed { get; set; }

    /// <summary>When somebody here is to be served at the latest even if nothing new arrives; <see cref="MonotonicTime.Never"/> when nobody is.</summary>
    public MonotonicTime NextPace { get; private set; } = MonotonicTime.Never;

    /// <summary>Packets of the burst times viewers: what a call of <see cref="Forward"/> would send now.</summary>
    public long Pending
    {
        get
        {
            var publication = Stream.Publication;
            if (publication is null || Count == 0) return 0;
            if (!ReferenceEquals(publication, _publication)) return Count;
            var news = News(publication) * Count;
            return news == 0 && _urgent ? Math.Max(1, _paced.Count + _links.Count) : news;
        }
    }

    /// <summary>Adds a connected viewer.</summary>
    public void Add(Peer viewer)
    {
        _viewers.Add(viewer);
        MarkUrgent(viewer);
    }

    /// <summary>Adds a link to another node.</summary>
    internal void Add(RelayOutbound link)
    {
        _links.Add(link);
        _urgent = true;
    }

    /// <summary>Removes a link.</summary>
    internal void Remove(RelayOutbound link) => _links.Remove(link);

    /// <summary>Links, and viewers that are served by time, get a turn, news or not.</summary>
    public void MarkUrgent() => _urgent = true;

    /// <summary>A viewer is to be served at the next turn, news or not.</summary>
    public void MarkUrgent(Peer viewer)
    {
        if (!_paced.Contains(viewer)) _paced.Add(viewer);
        _urgent = true;
    }

    /// <summary>Removes a viewer.</summary>
    public void Remove(Peer viewer)
    {
        _viewers.Remove(viewer);
        _paced.Remove(viewer);
    }

    /// <summary>Sends every viewer what is new (steps 7 to 9).</summary>
    public void Forward(MonotonicTime now, PacketOutput output)
    {
        if (Stream.Publication is not { } publication || Count == 0) return;
        if (!ReferenceEquals(publication, _publication)) Attach(publication);

        // Without news only those are served who cannot wait: others would get their next burst in pieces.
        var toAll = News(publication) > 0;
        for (var i = 0; i < _heads.Length; i++)
        {
            var log = publication.Tracks[i].Log;
            _heads[i] = log.Head;

            // Without news the plan of the last burst holds: those who are paced get the rest of that.
            if (_heads[i] != _served[i] && (_demand & (1UL << i)) != 0) _plans[i].Prepare(log, Math.Max(_served[i], log.Floor), _heads[i]);
        }

        // Viewers come and go between bursts only: nothing that sends ends a session.
        NextPace = MonotonicTime.Never;
        if (toAll) ForwardToAll(publication, now, output);
        else ForwardToPaced(publication, now, output);
        _heads.CopyTo(_served, 0);
        _urgent = false;
    }

    /// <summary>Packets that came since the last burst; what nobody here watches is no news.</summary>
    private long News(Publication publication)
    {
        long packets = 0;
        for (var i = 0; i < _served.Length; i++)
        {
            if ((_demand & (1UL << i)) != 0) packets += publication.Tracks[i].Log.Head - _served[i];
        }

        return packets;
    }

    /// <summary>Nodes before viewers: whoever is behind them waits for all that is between.</summary>
    private void ForwardToNodes(Publication publication, bool toAll, MonotonicTime now, PacketOutput output)
    {
        foreach (var link in _links)
        {
            if (toAll || link.IsUrgent || link.IsBehind) link.Forward(publication, _heads, now, output);
            _demand |= link.Demand;
            if (link.IsBehind) NextPace = MonotonicTime.Min(NextPace, now + PaceInterval);
        }
    }

    private void ForwardToAll(Publication publication, MonotonicTime now, PacketOutput output)
    {
        _demand = 0;
        _paced.Clear();
        ForwardToNodes(publication, toAll: true, now, output);
        var viewers = CollectionsMarshal.AsSpan(_viewers);
        if (viewers.IsEmpty) return;
        var first = _start.Next(viewers.Length);
        Forward(publication, viewers[first..], now, output);
        Forward(publication, viewers[..first], now, output);
    }

    private void Forward(Publication publication, ReadOnlySpan<Peer> viewers, MonotonicTime now, PacketOutput output)
    {
        foreach (var viewer in viewers)
        {
            Forward(publication, viewer, now, output);
            if (viewer.Viewer!.IsUrgent) _paced.Add(viewer);
        }
    }

    /// <summary>What those who need no time have been sent counts as demanded until the next burst.</summary>
    private void ForwardToPaced(Publication publication, MonotonicTime now, PacketOutput output)
    {
        ForwardToNodes(publication, toAll: false, now, output);
        var kept = 0;
        foreach (var viewer in CollectionsMarshal.AsSpan(_paced))
        {
            Forward(publication, viewer, now, output);
            if (viewer.Viewer!.IsUrgent) _paced[kept++] = viewer;
        }

        _paced.RemoveRange(kept, _paced.Count - kept);
    }

    private void Forward(Publication publication, Peer viewer, MonotonicTime now, PacketOutput output)
    {
        var session = viewer.Viewer!;
        var canSend = viewer.Channel.CanSend;
        if (canSend) session.Forward(publication, _heads, _plans, viewer.Channel, now, output);
        _demand |= session.Demand;
        if (canSend && session.IsPaced) NextPace = MonotonicTime.Min(NextPace, now + (session.IsProbing ? ProbeInterval : PaceInterval));
    }

    private void Attach(Publication publication)
    {
        _publication = publication;
        var tracks = publication.Tracks.Count;
        _heads = new long[tracks];
        _served = new long[tracks];
        _plans = new BurstPlan[tracks];
        _demand = ulong.MaxValue;
        for (var i = 0; i < tracks; i++)
        {
            _plans[i] = new BurstPlan();
            _served[i] = publication.Tracks[i].Log.Head;
        }
    }
}
