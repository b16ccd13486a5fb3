using Broadcast.Media.Congestion;
using Broadcast.Media.Routing;
using Broadcast.Media.Send;
using Broadcast.Media.Sessions;
using Broadcast.Rtc;

namespace Broadcast.Media.Layers;

/// <summary>Keeps a viewer's picture at the quality that is right for it: down at once, up after proof.</summary>
/// <remarks>Owned by the viewer's worker; what the viewer and the node wish may be set by any thread, <see cref="InUse"/> read by any.</remarks>
public sealed class LayerController(IBandwidthEstimator estimator)
{
    /// <summary>How long a better quality must have fitted before it is taken.</summary>
    public static readonly TimeSpan Proof = TimeSpan.FromSeconds(2);

    /// <summary>How long after a forced step down no step up is tried; doubles with each up to <see cref="MaxHoldOff"/>.</summary>
    public static readonly TimeSpan HoldOff = TimeSpan.FromSeconds(10);

    /// <summary>The longest wait before a step up; when it was over for as long and no step down forced, the next is short again.</summary>
    public static readonly TimeSpan MaxHoldOff = TimeSpan.FromMinutes(2);

    /// <summary>How long not even half of the lowest quality must have fitted before the picture is given up for the sound.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>How long after the estimate went down a quality that no longer fits is taken for one that the network refuses.</summary>
    private static readonly TimeSpan LimitMemory = TimeSpan.FromSeconds(10);

    /// <summary>The share of the estimate with which a viewer begins.</summary>
    private const double StartShare = 0.7;

    /// <summary>The room that a better quality must leave.</summary>
    private const double Headroom = 1.15;

    /// <summary>An estimate this many times the one with which a step up failed is another network's: there is nothing to wait for.</summary>
    private const double OtherNetwork = 1.5;

    /// <summary>What is asked for as proof, against what a better quality needs with its room: estimates fall a little short of what was probed.</summary>
    private const double ProbeRoom = 1.05;

    private LayerChoice _choice = LayerChoice.Automatic;
    private LayerInUse? _inUse;
    private LayerChoice? _applied;
    private SourceTrack? _track;
    private LayerSelection _layers;
    private MonotonicTime _fitsSince = MonotonicTime.Never;
    private LayerAllocation.Allocation _proven;
    private int _provenOf;
    private MonotonicTime _starvesSince = MonotonicTime.Never;
    private MonotonicTime _noUpBefore;
    private TimeSpan _holdOff = HoldOff;
    private long _estimate;
    private MonotonicTime _limitedUntil;
    private bool _wasMeasured;
    private bool _isCrowdedOut;
    private bool _wentUp;
    private long _estimateOfStep;
    private long _estimateThatFailed = long.MaxValue;

    /// <summary>What the viewer wishes.</summary>
    public LayerChoice Choice
    {
        get => Volatile.Read(ref _choice);
        set => Volatile.Write(ref _choice, value);
    }

    /// <summary>True while the node's uplink has no room for its picture: sound only. Set by the control side.</summary>
    public bool IsCrowdedOut
    {
        get => Volatile.Read(ref _isCrowdedOut);
        set => Volatile.Write(ref _isCrowdedOut, value);
    }

    /// <summary>What it gets; null before the first picture.</summary>
    public LayerInUse? InUse => Volatile.Read(ref _inUse);

    /// <summary>What its network carries.</summary>
    public IBandwidthEstimator Estimator => estimator;

    /// <summary>Bits per second of the quality that was chosen last; 0 before the first.</summary>
    public long ChosenRate(QualityLadder ladder)
    {
        var rung = ladder.IndexOf(_track, _layers.SpatialId);
        return rung < 0 ? 0 : ladder.Rungs[rung].Rates[Math.Min(_layers.TemporalId, ladder.Rungs[rung].TemporalLayers - 1)];
    }

    /// <summary>What its picture costs, if nothing but its wish and the stream's limits counts. Any thread.</summary>
    public PictureDemand Demand(QualityLadder ladder, LayerLimits limits)
    {
        if (ladder.Rungs.Length == 0) return default;
        var best = LayerAllocation.Choose(ladder, Choice, limits, long.MaxValue, long.MaxValue);
        var most = best.Rung < 0 ? 0 : ladder.Rungs[best.Rung].Rates[best.TemporalId];
        return new PictureDemand(Math.Min(ladder.LowestRate, most), most);
    }

    /// <summary>
    /// True when <see cref="Start"/> can keep what it promises: one who shall not get everything waits until it is known what there is,
    /// which takes a quarter of a second from a publication's first packet on.
    /// </summary>
    /// <param name="ladder">Its qualities.</param>
    /// <param name="limits">The stream's limits.</param>
    public bool CanStart(QualityLadder ladder, LayerLimits limits)
    {
        if (Choice.IsAutomatic && limits == LayerLimits.None) return true;
        if (ladder.Rungs.Length == 1 && !ladder.IsMeasured) return ladder.Rungs[0].Track.Codec is not (CodecKind.Vp9 or CodecKind.Av1);
        return ladder.IsMeasured && ladder.IsActive;
    }

    /// <summary>Chooses where to begin with a publication that has a picture.</summary>
    /// <param name="ladder">Its qualities.</param>
    /// <param name="limits">The stream's limits.</param>
    /// <param name="share">Bits per second that the node has for this viewer.</param>
    public (SourceTrack Track, LayerSelection Layers) Start(QualityLadder ladder, LayerLimits limits, long share)
    {
        _applied = Choice;
        _wasMeasured = ladder.IsMeasured;
        _fitsSince = _starvesSince = MonotonicTime.Never;
        Take(ladder, LayerAllocation.Choose(ladder, _applied, limits, (long)(estimator.BitsPerSecond * StartShare), share));
        return (_track!, _layers);
    }

    /// <summary>Looks whether another quality is right by now, and tells the stream.</summary>
    /// <param name="ladder">The present qualities.</param>
    /// <param name="limits">The stream's limits.</param>
    /// <param name="share">Bits per second that the node has for this viewer.</param>
    /// <param name="stream">The viewer's video.</param>
    /// <param name="now">Present time.</param>
    /// <returns>True when the stream shall send something else from now on.</returns>
    public bool Update(QualityLadder ladder, LayerLimits limits, long share, SendStream stream, MonotonicTime now)
    {
        var choice = Choice;
        if (estimator.BitsPerSecond < _estimate) _limitedUntil = now + LimitMemory;
        _estimate = estimator.BitsPerSecond;
        var bandwidth = Bandwidth(choice);
        var wanted = LayerAllocation.Choose(ladder, choice, limits, bandwidth, share);
        if (IsCrowdedOut) wanted = new LayerAllocation.Allocation(-1, 0, LayerLimit.Node);
        var mute = ShallMute(ladder, wanted, bandwidth, stream.IsMuted, now);
        var changes = mute != stream.IsMuted;
        if (!mute && (changes || ShallChange(ladder, limits, choice, ref wanted, bandwidth, share, now))) changes |= Take(ladder, wanted);
        _applied = choice;
        _wasMeasured = ladder.IsMeasured;
        if (changes) stream.Select(mute ? null : _track, _layers);
        if (MayStepUp(bandwidth, now + Proof)) AskForProof(ladder, limits, choice, share, mute, now);
        Report(ladder, choice, wanted.Limit, stream);
        return changes;
    }

    /// <summary>Nothing that is sent now shows that a better quality would fit: a probe does.</summary>
    private void AskForProof(QualityLadder ladder, LayerLimits limits, LayerChoice choice, long share, bool isMuted, MonotonicTime now)
    {
        var best = IsCrowdedOut ? -1 : LayerAllocation.Choose(ladder, choice, limits, long.MaxValue, share).Rung;
        var next = isMuted && best >= 0 ? ladder.LowestRate : 0;
        var rung = ladder.IndexOf(_track, _layers.SpatialId);
        for (var i = Math.Max(0, rung); i <= best && next == 0; i++)
        {
            var isBetter = i > rung || _layers.TemporalId < ladder.Rungs[i].TemporalLayers - 1;
            if (isBetter && ladder.Rungs[i].IsActive) next = ladder.Rungs[i].BitsPerSecond;
        }

        if (next > 0) estimator.WantProbe((long)(next * Headroom * ProbeRoom), now);
    }

    /// <summary>What the viewer's network carries; where nothing speaks against it, as much as a viewer who chose a quality needs for that.</summary>
    private long Bandwidth(LayerChoice choice) =>
        choice.IsExact && !estimator.HasFallen && !estimator.IsMeasured ? long.MaxValue : estimator.BitsPerSecond;

    private bool ShallChange(
        QualityLadder ladder, LayerLimits limits, LayerChoice choice, ref LayerAllocation.Allocation wanted, long bandwidth, long share, MonotonicTime now)
    {
        var rung = ladder.IndexOf(_track, _layers.SpatialId);
        if (rung < 0 || !ladder.Rungs[rung].IsActive || !ReferenceEquals(choice, _applied) || _wasMeasured != ladder.IsMeasured)
        {
            _fitsSince = MonotonicTime.Never;
            return true;
        }

        var present = Rank(ladder, rung, _layers.TemporalId);
        if (Rank(ladder, wanted.Rung, wanted.TemporalId) < present && wanted.Limit == LayerLimit.Bandwidth)
        {
            // A keyframe may raise the rate above an estimate that nothing has confirmed: that says nothing of the network.
            if (!estimator.HasFallen && !estimator.IsMeasured && now >= _limitedUntil) wanted = LayerAllocation.Choose(ladder, choice, limits, long.MaxValue, share);
            else if (present > Rank(ladder, ladder.LowestActive, 0)) NoteForced(now);
        }

        if (Rank(ladder, wanted.Rung, wanted.TemporalId) < present)
        {
            _fitsSince = MonotonicTime.Never;
            return true;
        }

        var sure = LayerAllocation.Choose(ladder, choice, limits, (long)(bandwidth / Headroom), share);
        var isBetter = Rank(ladder, wanted.Rung, wanted.TemporalId) > present;
        if (Rank(ladder, sure.Rung, sure.TemporalId) <= present)
        {
            _fitsSince = MonotonicTime.Never;
            if (isBetter) wanted = wanted with { Limit = LayerLimit.Bandwidth }; // it would fit, but with no room to spare
            return false;
        }

        // What has fitted all the time, with room to spare: not what happens to fit at the end of it.
        if (_fitsSince == MonotonicTime.Never || ladder.Rungs.Length != _provenOf) (_fitsSince, _proven, _provenOf) = (now, sure, ladder.Rungs.Length);
        else if (Rank(ladder, sure.Rung, sure.TemporalId) < Rank(ladder, _proven.Rung, _proven.TemporalId) || !ladder.Rungs[_proven.Rung].IsActive) _proven = sure;
        if (now - _fitsSince < Proof || !MayStepUp(bandwidth, now))
        {
            wanted = wanted with { Limit = LayerLimit.Proof };
            return false;
        }

        _fitsSince = MonotonicTime.Never;
        (_wentUp, _estimateOfStep) = (true, bandwidth);
        wanted = _proven;
        return true;
    }

    private void NoteForced(MonotonicTime now)
    {
        // Several steps down without one up between them are one congestion.
        if (_noUpBefore == MonotonicTime.Zero || now - _noUpBefore > MaxHoldOff) _holdOff = HoldOff;
        else if (_wentUp) _holdOff = _holdOff * 2 > MaxHoldOff ? MaxHoldOff : _holdOff * 2;
        _estimateThatFailed = _wentUp && estimator.IsMeasured ? _estimateOfStep : long.MaxValue;
        _wentUp = false;
        _noUpBefore = now + _holdOff;
    }

    private bool MayStepUp(long bandwidth, MonotonicTime now) => now >= _noUpBefore || bandwidth / OtherNetwork > _estimateThatFailed;

    /// <summary>Sound only: while the node has no room; or when for a while not half of the lowest quality has fitted, and until all of it does.</summary>
    private bool ShallMute(QualityLadder ladder, in LayerAllocation.Allocation wanted, long bandwidth, bool isMuted, MonotonicTime now)
    {
        if (wanted.Rung >= 0)
        {
            _starvesSince = MonotonicTime.Never;
            return false;
        }

        if (IsCrowdedOut) return true;
        if (isMuted) return estimator.HasFallen && bandwidth < ladder.LowestRate;
        if (wanted.Limit != LayerLimit.Bandwidth || !estimator.HasFallen || bandwidth > ladder.LowestRate / 2)
        {
            _starvesSince = MonotonicTime.Never;
            return false;
        }

        if (_starvesSince == MonotonicTime.Never) _starvesSince = now;
        return now - _starvesSince >= Patience;
    }

    private bool Take(QualityLadder ladder, in LayerAllocation.Allocation allocation)
    {
        // Where nothing fits, the least there is.
        var rung = ladder.Rungs[allocation.Rung >= 0 ? allocation.Rung : ladder.LowestActive];
        var layers = new LayerSelection(ladder.IsHighestOf(rung) ? 3 : rung.SpatialId, allocation.TemporalId >= rung.TemporalLayers - 1 ? 3 : allocation.TemporalId);
        if (ReferenceEquals(_track, rung.Track) && layers == _layers) return false;
        (_track, _layers) = (rung.Track, layers);
        return true;
    }

    private void Report(QualityLadder ladder, LayerChoice choice, LayerLimit limit, SendStream stream)
    {
        if (stream.Track is not { } track || (stream.IsWaiting && !stream.IsMuted)) return;
        var sent = ladder.IndexOf(track, stream.Layers.SpatialId);
        var quality = sent >= 0 ? ladder.Rungs[sent] : default;
        var changing = stream.NextTrack is not null || stream.IsChangingLayers;
        var spatial = sent >= 0 ? quality.SpatialId : 0;
        var temporal = Math.Min(stream.Layers.TemporalId, Math.Max(1, quality.TemporalLayers) - 1);
        var automatic = !choice.IsExact;
        if (changing && limit == LayerLimit.None) limit = LayerLimit.Keyframe;
        if (_inUse is { } last && last.Rid == track.Rid && (last.SpatialId, last.TemporalId) == (spatial, temporal) && (last.Width, last.Height) == (quality.Width, quality.Height)
            && (last.Automatic, last.Paused, last.Limit) == (automatic, stream.IsMuted, limit)) return;
        Volatile.Write(ref _inUse, new LayerInUse(track.Rid, spatial, temporal, quality.Width, quality.Height, automatic, stream.IsMuted, limit));
    }

    private static int Rank(QualityLadder ladder, int rung, int temporalId) =>
        rung < 0 ? -1 : (rung * 4) + Math.Min(temporalId, ladder.Rungs[rung].TemporalLayers - 1);
}
