using Broadcast.Media.Congestion;
using Broadcast.Rtc;

namespace Broadcast.Media.Send;

/// <summary>One viewer's way into the network: its transport-wide numbers, the pace of its packets, the probe that is under way, and what
/// congestion control hears of all that.</summary>
/// <remarks>Owned by the viewer's worker; allocates nothing per packet.</remarks>
/// <param name="estimator">Learns of every packet that carries a number.</param>
public sealed class PacedTransport(SendSideEstimator estimator)
{
    /// <summary>The pace toward a viewer of whose network nothing is known, bits per second: spreads a first keyframe over some milliseconds.</summary>
    public const long UnknownBitsPerSecond = 40_000_000;

    /// <summary>How long the packets of one wake of a probe take at its rate: the shorter, the closer its rate is to the wanted one.</summary>
    private static readonly TimeSpan ProbeBurst = TimeSpan.FromMilliseconds(1);

    /// <summary>A probe that is not over after this is given up: its result would be asked for no more.</summary>
    private static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(1);

    /// <summary>The share of the estimate that may be spent on sending again, on the average of <see cref="RepairWindow"/>.</summary>
    private const double RepairShare = 0.2;

    private static readonly TimeSpan RepairWindow = TimeSpan.FromSeconds(1);

    /// <summary>Half of a small keyframe may be repaired at any rate.</summary>
    private const double MinRepairBytes = 10_000;

    /// <summary>How much faster than the estimate a backlog is made good: it lasts, unlike a picture that is larger than others.</summary>
    private const double CatchUpFactor = 1.5;

    /// <summary>The same where much is lost, since a queue on the way is full: of what is sent on top, nothing would arrive.</summary>
    private const double FullQueueFactor = 0.9;

    /// <summary>What a chosen quality needs above its mean rate: headers, sound, and pictures larger than others.</summary>
    private const double ChosenFactor = 1.4;

    /// <summary>So long after the estimate fell what is lost is lost by chance again.</summary>
    private static readonly TimeSpan CalmAfter = TimeSpan.FromSeconds(5);

    private Pacer _pacer;
    private ProbeCluster _probe;
    private MonotonicTime _probeBegan;
    private long _probeBytes;
    private int _probePackets;
    private ushort _sequenceNumber;
    private ushort _counted;
    private double _repairBytes = double.MaxValue;
    private MonotonicTime _advancedAt;
    private long _estimate;
    private MonotonicTime _fellAt;

    /// <summary>What the viewer's network carries.</summary>
    public SendSideEstimator Estimator => estimator;

    /// <summary>The number of the next packet that carries one.</summary>
    public ref ushort SequenceNumber => ref _sequenceNumber;

    /// <summary>True while video may be sent now. Sound does not ask.</summary>
    public bool HasBudget => _pacer.HasBudget;

    /// <summary>True while a probe is under way.</summary>
    public bool IsProbing => _probe.Id != 0;

    /// <summary>The rate of the quality that was chosen: it is sent whatever the estimate, for there is no lower one.</summary>
    public long ChosenBitsPerSecond { get; set; }

    /// <summary>How fast packets may follow each other, in bits per second.</summary>
    public long BitsPerSecond
    {
        get
        {
            var pace = estimator.IsMeasured ? estimator.PacingBitsPerSecond : UnknownBitsPerSecond;
            return Math.Max(Math.Max(pace, (long)(ChosenBitsPerSecond * ChosenFactor)), _probe.BitsPerSecond);
        }
    }

    /// <summary>How fast what was missed may follow, in bytes per second.</summary>
    public double CatchUpBytesPerSecond =>
        !estimator.IsMeasured ? double.PositiveInfinity
        : estimator.IsLosing ? estimator.BitsPerSecond * FullQueueFactor / 8
        : Math.Max(estimator.BitsPerSecond * CatchUpFactor, _probe.BitsPerSecond) / 8;

    /// <summary>True while the estimate is known and has not fallen for a while.</summary>
    public bool IsCalm(MonotonicTime now) => estimator.IsMeasured && now - _fellAt > CalmAfter;

    /// <summary>Begins a turn.</summary>
    public void Advance(MonotonicTime now)
    {
        _pacer.Earn(BitsPerSecond, now);
        var earned = (now - _advancedAt).TotalSeconds * estimator.BitsPerSecond * RepairShare / 8;
        _repairBytes = Math.Min(RepairCapacity, _repairBytes + earned);
        _advancedAt = now;
    }

    /// <summary>Takes what a repair costs from its share of the rate.</summary>
    /// <param name="bytes">Its length.</param>
    /// <param name="isPast">
    /// True when another encoding is sent since: then the repair matters little, and leaves half of the share to others. After a fall it leaves
    /// all of it to the keyframe of the lower encoding, without which there is no picture.
    /// </param>
    /// <param name="now">Present time.</param>
    /// <returns>False when the share is used up. A viewer whose network is not measured is limited by what it was sent alone.</returns>
    public bool TryTakeRepair(int bytes, bool isPast, MonotonicTime now)
    {
        if (!estimator.IsMeasured) return true;
        if (isPast && !IsCalm(now)) return false;
        if (_repairBytes < (isPast ? RepairCapacity / 2 : bytes)) return false;
        _repairBytes -= bytes;
        return true;
    }

    private double RepairCapacity => Math.Max(estimator.BitsPerSecond * RepairShare / 8 * RepairWindow.TotalSeconds, MinRepairBytes);

    /// <summary>Notes a packet that was sent.</summary>
    /// <param name="bytes">Its length on the wire without IP and UDP headers.</param>
    /// <param name="isPaced">False for sound, which goes when it comes and is no part of the estimate.</param>
    /// <param name="now">Present time.</param>
    public void OnSent(int bytes, bool isPaced, MonotonicTime now)
    {
        if (isPaced) _pacer.OnSent(bytes);
        if (_sequenceNumber == _counted) return; // it carries none
        _counted = _sequenceNumber;
        estimator.OnSent((ushort)(_counted - 1), bytes, _probe.Id, now);
        _probePackets++;
        _probeBytes += bytes;
    }

    /// <summary>Lets the estimator's time pass, and begins a probe if it wants one.</summary>
    public void Process(MonotonicTime now)
    {
        estimator.Process(now);
        if (estimator.BitsPerSecond < _estimate) _fellAt = now;
        _estimate = estimator.BitsPerSecond;
        if (IsProbing || !estimator.TryTakeProbe(now, out _probe)) return;
        (_probeBegan, _probeBytes, _probePackets) = (now, 0, 0);
    }

    /// <summary>True while the probe is short of something to send; ends it when it has had enough.</summary>
    public bool WantsPadding(MonotonicTime now)
    {
        if (!IsProbing) return false;
        var elapsed = now - _probeBegan;
        var isOver = _probePackets >= _probe.MinPackets && _probeBytes >= _probe.MinBytes && elapsed + ProbeBurst >= _probe.MinDuration;
        if (isOver || elapsed > ProbeTimeout)
        {
            StopProbing();
            return false;
        }

        return _probeBytes < (elapsed + ProbeBurst).TotalSeconds * _probe.BitsPerSecond / 8;
    }

    /// <summary>Ends the probe: there is nothing to fill it with.</summary>
    public void StopProbing() => _probe = default;

    /// <summary>The viewer is at another address: nothing that is known of the network holds.</summary>
    public void Reset(MonotonicTime now)
    {
        StopProbing();
        estimator.Reset(now);
    }
}
