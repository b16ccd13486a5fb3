using Broadcast.Rtc;

namespace Broadcast.Recording.Timeline;

/// <summary>Puts the tracks of a publication on one line of positions: by the publisher's reports, never by arrival if these are there.</summary>
/// <remarks>
/// <para>One track, the sound if there is any, gives the time; its frames keep their distances. Others are moved to it, at first at once, then
/// by at most <see cref="TrackLine.MaxSlew"/> of the time that passes, so that clocks which differ by some hundred parts in a million stay together
/// and nobody sees a jump. A publisher whose wall clock is set moves all its tracks alike, and nothing changes here.</para>
/// <para>No clock, no files. Owned by one thread.</para>
/// </remarks>
internal sealed class MediaTimeline
{
    /// <summary>An error up to this is slewed away; a larger one is corrected where a segment begins.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromMilliseconds(40);

    /// <summary>Reports that say something so different from arrival are wrong: some publishers fill them with whatever is at hand.</summary>
    public static readonly TimeSpan Credible = TimeSpan.FromSeconds(2);

    /// <summary>Reports further apart than this are not compared: the clocks may have drifted between.</summary>
    public static readonly TimeSpan Comparable = TimeSpan.FromSeconds(30);

    /// <summary>A report that says something so different from those before is noise, or the wall clock was set between two tracks' reports.</summary>
    private static readonly TimeSpan Plausible = TimeSpan.FromMilliseconds(250);

    /// <summary>So many reports that agree in a contradiction are believed.</summary>
    private const int ContradictionsBelieved = 5;

    private readonly List<TrackLine> _lines = [];
    private TrackLine? _master;

    /// <summary>True when a track is further off than may be slewed away: <see cref="Correct"/> is to be called where a segment begins.</summary>
    public bool NeedsCorrection
    {
        get
        {
            foreach (var line in _lines)
            {
                if (line.IsPlaced && Math.Abs(line.Target - line.Offset) > Tolerance.Ticks) return true;
            }

            return false;
        }
    }

    /// <summary>Adds a track; it has no positions yet.</summary>
    public TrackLine Add(int clockRateHz, MediaKind kind)
    {
        var line = new TrackLine(clockRateHz, kind);
        _lines.Add(line);
        return line;
    }

    /// <summary>Notes a sender report.</summary>
    /// <param name="line">Whose.</param>
    /// <param name="ntp">NTP time of the publisher, 32.32.</param>
    /// <param name="rtp">The same instant in RTP time.</param>
    public void NoteReport(TrackLine line, ulong ntp, long rtp)
    {
        line.Report = (ToTicks(ntp), line.MediaOf(rtp));
        Compare(line);
    }

    /// <summary>Notes an absolute capture time; used when every track has one.</summary>
    public void NoteCapture(TrackLine line, ulong ntp, long rtp)
    {
        line.Capture = (ToTicks(ntp), line.MediaOf(rtp));
        Compare(line);
    }

    /// <summary>True when the publisher has said how the two belong together.</summary>
    public static bool CanCompare(TrackLine line, TrackLine other) => ReferenceEquals(line, other) || Measure(line, other) is not null;

    /// <summary>Begins: this track gives the time.</summary>
    /// <param name="master">Of the track; others are joined to it.</param>
    /// <param name="rtp">A time of it.</param>
    /// <param name="position">Where that is.</param>
    public void Anchor(TrackLine master, long rtp, TimeSpan position)
    {
        _master = master;
        master.Offset = master.Target = position.Ticks - master.MediaOf(rtp);
        (master.IsPlaced, master.IsProvisional) = (true, false);
    }

    /// <summary>Gives a track its place: by reports if there are any, else by arrival.</summary>
    public void Join(TrackLine line)
    {
        var master = _master ?? throw new InvalidOperationException("Nothing gives the time yet.");
        if (line.IsPlaced) return;
        var measured = Measure(line, master);
        var relative = measured ?? (line.Arrival is { } own && master.Arrival is { } other ? own - other : 0);
        Place(line, master.Offset + relative, measured is null);
    }

    /// <summary>Gives a track its place beside another one that carries the same in another quality.</summary>
    /// <param name="line">Of the new one.</param>
    /// <param name="rtp">A time of it.</param>
    /// <param name="beside">The other one.</param>
    /// <param name="besideRtp">The same instant in the time of that, as far as is known.</param>
    public void Join(TrackLine line, long rtp, TrackLine beside, long besideRtp)
    {
        if (line.IsPlaced) return;
        var reference = ReferenceEquals(beside, _master) || _master is null ? beside : _master;
        if (Measure(line, reference) is { } measured) Place(line, reference.Offset + measured, isProvisional: false);
        else Place(line, beside.Offset + beside.MediaOf(besideRtp) - line.MediaOf(rtp), isProvisional: true);
    }

    /// <summary>Forgets a track; if it gave the time, another one does from now on.</summary>
    public void Remove(TrackLine line, TrackLine heir)
    {
        _lines.Remove(line);
        if (ReferenceEquals(line, _master)) (_master, heir.Target) = (heir, heir.Offset);
    }

    /// <summary>Moves all positions.</summary>
    public void Shift(TimeSpan by)
    {
        foreach (var line in _lines)
        {
            line.Offset += by.Ticks;
            line.Target += by.Ticks;
        }
    }

    /// <summary>Moves every track at once to where reports say that it belongs.</summary>
    public void Correct()
    {
        foreach (var line in _lines) line.Offset = line.Target;
    }

    private static void Place(TrackLine line, long offset, bool isProvisional)
    {
        line.Offset = line.Target = offset;
        (line.IsPlaced, line.IsProvisional) = (true, isProvisional);
    }

    private void Compare(TrackLine changed)
    {
        if (_master is not { } master) return;
        if (!ReferenceEquals(changed, master))
        {
            Follow(changed, master);
            return;
        }

        foreach (var line in _lines)
        {
            if (!ReferenceEquals(line, master)) Follow(line, master);
        }
    }

    private static void Follow(TrackLine line, TrackLine master)
    {
        if (!line.IsPlaced || Measure(line, master) is not { } measured) return;
        var target = master.Offset + measured;
        if (line.IsProvisional)
        {
            (line.Target, line.IsProvisional) = (target, false);
            return;
        }

        if (Math.Abs(target - line.Target) > Plausible.Ticks)
        {
            if (++line.Contradictions >= ContradictionsBelieved) (line.Target, line.Contradictions) = (target, 0);
            return;
        }

        line.Contradictions = 0;
        line.Target += (target - line.Target) / 4;
    }

    /// <summary>What is to be added to the master's offset for that of the line; null while nobody has said so.</summary>
    private static long? Measure(TrackLine line, TrackLine master)
    {
        var (own, other) = line.Capture is not null && master.Capture is not null ? (line.Capture, master.Capture) : (line.Report, master.Report);
        if (own is not { } a || other is not { } b || Math.Abs(a.Wall - b.Wall) > Comparable.Ticks) return null;
        var relative = a.Wall - a.Media - (b.Wall - b.Media);
        var isCredible = line.Arrival is not { } c || master.Arrival is not { } d || Math.Abs(c - d - relative) <= Credible.Ticks;
        return isCredible ? relative : null;
    }

    private static long ToTicks(ulong ntp) => (long)(((UInt128)ntp * (ulong)TimeSpan.TicksPerSecond) >> 32);
}
