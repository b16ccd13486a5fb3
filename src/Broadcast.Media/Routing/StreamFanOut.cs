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
    private readonly List<Peer> _viewers = [];
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

    /// <summary>True while some viewer is to be served soon even when nothing new arrives.</summary>
    public bool HasCatchingUp { get; private set; }

    /// <summary>Packets of the burst times viewers: what a call of <see cref="Forward"/> would send now.</summary>
    public long Pending
    {
        get
        {
            var publication = Stream.Publication;
            if (publication is null || Count == 0) return 0;
            if (_urgent || !ReferenceEquals(publication, _publication)) return Count;
            return News(publication) * Count;
        }
    }

    /// <summary>Adds a connected viewer.</summary>
    public void Add(Peer viewer)
    {
        _viewers.Add(viewer);
        _urgent = true;
    }

    /// <summary>Adds a link to another node.</summary>
    internal void Add(RelayOutbound link)
    {
        _links.Add(link);
        _urgent = true;
    }

    /// <summary>Removes a link.</summary>
    internal void Remove(RelayOutbound link) => _links.Remove(link);

    /// <summary>Some viewer is to be served at the next turn, news or not.</summary>
    public void MarkUrgent() => _urgent = true;

    /// <summary>Removes a viewer.</summary>
    public void Remove(Peer viewer) => _viewers.Remove(viewer);

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
            if ((_demand & (1UL << i)) != 0) _plans[i].Prepare(log, Math.Max(_served[i], log.Floor), _heads[i]);
        }

        // Viewers come and go between bursts only: nothing that sends ends a session.
        (_demand, HasCatchingUp) = (0, false);
        ForwardToNodes(publication, toAll, now, output);
        var viewers = CollectionsMarshal.AsSpan(_viewers);
        if (viewers.Length > 0)
        {
            var first = _start.Next(viewers.Length);
            Forward(publication, viewers[first..], toAll, now, output);
            Forward(publication, viewers[..first], toAll, now, output);
        }

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
            HasCatchingUp |= link.IsBehind;
        }
    }

    private void Forward(Publication publication, ReadOnlySpan<Peer> viewers, bool toAll, MonotonicTime now, PacketOutput output)
    {
        foreach (var viewer in viewers)
        {
            var session = viewer.Viewer!;
            if (viewer.Channel.CanSend && (toAll || session.IsUrgent)) session.Forward(publication, _heads, _plans, viewer.Channel, now, output);
            _demand |= session.Demand;
            HasCatchingUp |= session.IsCatchingUp;
        }
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
