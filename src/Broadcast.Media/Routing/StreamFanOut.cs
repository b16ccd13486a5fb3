using Broadcast.Media.Peers;
using Broadcast.Media.Send;
using Broadcast.Rtc;

namespace Broadcast.Media.Routing;

/// <summary>The viewers of one stream on one worker, and how far they have been served.</summary>
/// <remarks>
/// Viewer by viewer, not packet by packet: all that one viewer gets in a burst is encrypted in one go while its keys are
/// in the cache, lies contiguous in the send buffer, and leaves in one segmented send. Owned by one MediaWorker.
/// </remarks>
public sealed class StreamFanOut(LiveStream stream)
{
    private readonly List<Peer> _viewers = [];
    private Publication? _publication;
    private long[] _heads = [];
    private long[] _served = [];
    private BurstPlan[] _plans = [];
    private bool _newcomers;

    /// <summary>The stream.</summary>
    public LiveStream Stream { get; } = stream;

    /// <summary>Viewers here.</summary>
    public int Count => _viewers.Count;

    /// <summary>True while the engine has it among those with something to send.</summary>
    internal bool IsListed { get; set; }

    /// <summary>Packets of the burst times viewers: what a call of <see cref="Forward"/> would send now.</summary>
    public long Pending
    {
        get
        {
            var publication = Stream.Publication;
            if (publication is null || _viewers.Count == 0) return 0;
            if (_newcomers || !ReferenceEquals(publication, _publication)) return _viewers.Count;
            long pending = 0;
            for (var i = 0; i < _served.Length; i++) pending += publication.Tracks[i].Log.Head - _served[i];
            return pending * _viewers.Count;
        }
    }

    /// <summary>Adds a connected viewer.</summary>
    public void Add(Peer viewer)
    {
        _viewers.Add(viewer);
        _newcomers = true;
    }

    /// <summary>Removes a viewer.</summary>
    public void Remove(Peer viewer) => _viewers.Remove(viewer);

    /// <summary>Sends every viewer what is new (steps 7 to 9).</summary>
    public void Forward(MonotonicTime now, PacketOutput output)
    {
        if (Stream.Publication is not { } publication || _viewers.Count == 0) return;
        if (!ReferenceEquals(publication, _publication)) Attach(publication);

        for (var i = 0; i < _heads.Length; i++)
        {
            var log = publication.Tracks[i].Log;
            _heads[i] = log.Head;
            _plans[i].Prepare(log, Math.Max(_served[i], log.Floor), _heads[i]);
        }

        foreach (var viewer in _viewers)
        {
            if (viewer.Channel.CanSend) viewer.Viewer!.Forward(publication, _heads, _plans, viewer.Channel, now, output);
        }

        _heads.CopyTo(_served, 0);
        _newcomers = false;
    }

    private void Attach(Publication publication)
    {
        _publication = publication;
        var tracks = publication.Tracks.Count;
        _heads = new long[tracks];
        _served = new long[tracks];
        _plans = new BurstPlan[tracks];
        for (var i = 0; i < tracks; i++)
        {
            _plans[i] = new BurstPlan();
            _served[i] = publication.Tracks[i].Log.Head;
        }
    }
}
