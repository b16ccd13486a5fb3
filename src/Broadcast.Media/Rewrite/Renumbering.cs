using Broadcast.Media.Layers;
using Broadcast.Media.Routing;

namespace Broadcast.Media.Rewrite;

/// <summary>Gives a viewer's packets their numbers: one unbroken sequence over sources, layers and packets that are left out.</summary>
/// <remarks>
/// What was lost on the way here keeps a number, so that the viewer asks for it; what is left out on purpose gets none.
/// A packet that comes late, or is asked for again, is placed as it was or would have been at its time.
/// Owned by one MediaWorker; allocates once per viewer, when the first packet is left out or restamped.
/// </remarks>
public sealed class Renumbering
{
    private MappingHistory _history;
    private SentRuns? _runs;
    private bool _usesRuns;
    private long _highestSource;
    private ulong _leftOutFrame;
    private bool _lastWasLeftOut;

    /// <summary>Starts after a number that is never sent.</summary>
    public Renumbering(long initial) => HighestSent = initial;

    /// <summary>Extended sequence number of the newest packet placed.</summary>
    public long HighestSent { get; private set; }

    /// <summary>The stretch in force; meaningless before the first.</summary>
    public SourceMapping Current => _history.Current;

    /// <summary>Newest source packet of the present stretch that was looked at, forwarded or not.</summary>
    public long HighestSource => _highestSource;

    /// <summary>The timestamp offset with which packets are placed at present.</summary>
    public uint TimestampOffset { get; private set; }

    /// <summary>The layers with which packets are placed at present.</summary>
    public LayerSelection Selection { get; private set; }

    /// <summary>Begins a stretch at an anchor that has yet to be placed.</summary>
    public void Begin(in SourceMapping mapping)
    {
        _history.Begin(mapping, HighestSent);
        HighestSent = mapping.FirstSent - (mapping.LeadIn.IsEmpty ? 1 : 0);
        _highestSource = mapping.FirstSource - 1;
        _usesRuns = false;
        _lastWasLeftOut = false;
        (TimestampOffset, Selection) = (mapping.TimestampOffset, mapping.Selection);
    }

    /// <summary>True for a packet newer than all before it in the present stretch.</summary>
    public bool IsNew(long source) => source > _highestSource;

    /// <summary>Places a packet newer than all before it.</summary>
    public Placement Next(long source)
    {
        var placement = Peek(source);
        _highestSource = source;
        _lastWasLeftOut = false;
        HighestSent = placement.Sent;
        return placement;
    }

    /// <summary>Leaves out a packet newer than all before it.</summary>
    /// <param name="source">Its extended sequence number.</param>
    /// <param name="frame">Names its frame: the picture and the spatial layer.</param>
    /// <param name="closesPictureIds">True when the picture ids must not show that a picture is missing.</param>
    /// <param name="selection">What is forwarded now.</param>
    public void LeaveOut(long source, ulong frame, bool closesPictureIds, LayerSelection selection)
    {
        // What was lost between two packets of one frame that is left out belongs to it and needs no number.
        var goesOn = _lastWasLeftOut && _leftOutFrame == frame;
        var first = Peek(goesOn ? _highestSource + 1 : source);
        var closed = closesPictureIds && !goesOn ? (ushort)(first.PictureIdOffset - 1) : first.PictureIdOffset;
        BeginRun(source + 1, first with { PictureIdOffset = closed, Selection = selection });
        _highestSource = source;
        _leftOutFrame = frame;
        _lastWasLeftOut = true;
    }

    /// <summary>Changes timestamp offset or selection from a packet on that is newer than all before it.</summary>
    public void Change(long source, uint timestampOffset, LayerSelection selection)
    {
        var next = Peek(source);
        if (next.TimestampOffset == timestampOffset && next.Selection == selection) return;
        BeginRun(source, next with { TimestampOffset = timestampOffset, Selection = selection });
    }

    /// <summary>Places a packet that comes after newer ones.</summary>
    /// <returns>False when it belongs before the present stretch, or to what was left out.</returns>
    public bool TryPlaceLate(long source, out Placement placement)
    {
        if (!TryLocate(source, out placement)) return false;

        // Newer ones may all have been left out: then its number is the newest, and no other stretch may use it.
        HighestSent = Math.Max(HighestSent, placement.Sent);
        return true;
    }

    /// <summary>True when a source packet got no number.</summary>
    /// <param name="mapping">The stretch.</param>
    /// <param name="source">Its extended sequence number.</param>
    /// <param name="sent">The number that it would have, judging by its neighbour's.</param>
    public bool IsLeftOut(in SourceMapping mapping, long source, long sent)
    {
        if (mapping.FirstSent == _history.Current.FirstSent) return !TryLocate(source, out _);
        return !TryFind(sent, out var stretch, out var found, out _) || stretch.FirstSent != mapping.FirstSent || found != source;
    }

    /// <summary>Finds what was sent under a number.</summary>
    /// <param name="sent">As a viewer asks for it, extended.</param>
    /// <param name="mapping">The stretch.</param>
    /// <param name="source">Extended source sequence number; that of the anchor for a lead-in.</param>
    /// <param name="placement">How it was placed.</param>
    public bool TryFind(long sent, out SourceMapping mapping, out long source, out Placement placement)
    {
        (source, placement) = (0, default);
        if (sent > HighestSent || !_history.TryFind(sent, out mapping))
        {
            mapping = default;
            return false;
        }

        if (mapping.IsLeadIn(sent))
        {
            (source, placement) = (mapping.FirstSource, mapping.Place(mapping.FirstSource) with { Sent = sent });
            return true;
        }

        source = mapping.ToSource(sent);
        if (mapping.HasRuns) return _runs!.TryFind(sent, source, out source, out placement);
        placement = mapping.Place(source);
        return true;
    }

    private bool TryLocate(long source, out Placement placement)
    {
        var mapping = _history.Current;
        placement = default;
        if (source < mapping.FirstSource) return false;
        if (_usesRuns) return _runs!.TryPlace(source, HighestSent, out placement);
        placement = mapping.Place(source);
        return true;
    }

    /// <summary>Where the next packet would go.</summary>
    private Placement Peek(long source) => _usesRuns ? _runs!.Next(source, HighestSent) : _history.Current.Place(source);

    private void BeginRun(long source, in Placement first)
    {
        _runs ??= new SentRuns();
        if (!_usesRuns)
        {
            _usesRuns = true;
            _history.MarkRuns();
            var mapping = _history.Current;
            _runs.Begin(mapping.FirstSource, mapping.Place(mapping.FirstSource));
        }

        _runs.Begin(source, first);
        (TimestampOffset, Selection) = (first.TimestampOffset, first.Selection);
    }
}
