using Broadcast.Rtc;
using Broadcast.Rtc.Rtcp;

namespace Broadcast.Media.Congestion;

/// <summary>What a viewer's network carries, by transport-wide feedback: the least of what delay, loss and the receiver allow
/// (draft-ietf-rmcat-gcc-02; libwebrtc <c>goog_cc_network_control.cc</c>, <c>send_side_bandwidth_estimation.cc</c>).</summary>
/// <remarks>
/// Until the first transport-wide feedback, and for a viewer that never sends any, a <see cref="ReportBasedEstimator"/> decides, and there
/// are no probes. Nothing is allocated after construction, but when the history grows (see <see cref="SentPacketHistory"/>).
/// Owned by the viewer's worker.
/// </remarks>
public sealed class SendSideEstimator : IBandwidthEstimator
{
    /// <summary>Never less than this: sound, barely.</summary>
    public const long MinBitsPerSecond = LossBasedControl.MinBitsPerSecond;

    /// <summary>How much faster than the estimate packets may follow each other.</summary>
    private const double PacingFactor = 2.5;

    /// <summary>A probe that measured less than this share of what arrives anyway has measured itself.</summary>
    private const double ProbeFloor = 0.85;

    /// <summary>A probe that measured this share of its goal has not filled the link.</summary>
    private const double UnsaturatedShare = 0.7;

    /// <summary>Where much is lost and less than this share of the rate arrives, the queue overflows.</summary>
    private const double OverflowShare = 0.8;

    /// <summary>More than this share of what was sent lately is lost: what no radio does for long.</summary>
    private const double MuchLoss = 0.15;

    /// <summary>Weight of one packet in the share that is lost.</summary>
    private const double LossWeight = 1 / 32.0;

    private const int ResultsAtOnce = 128;

    /// <summary>How often time is looked at when nothing else happens.</summary>
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(100);

    /// <summary>Sending has paused when nothing was sent for so long.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>What was lost before a pause of this length tells nothing of the network after it.</summary>
    private static readonly TimeSpan LossMemory = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan LongestRoundTrip = TimeSpan.FromSeconds(10);

    private readonly long _start;
    private readonly ReportBasedEstimator _byReport;
    private readonly SentPacketHistory _history = new();
    private readonly AcknowledgedBitrate _acknowledged = new();
    private readonly DelayBasedControl _byDelay;
    private readonly LossBasedControl _byLoss;
    private readonly ProbeController _probes = new();
    private readonly ProbeBitrateEstimator _probeResults = new();
    private readonly ApplicationLimit _applicationLimit = new();
    private HeavyLoss _heavyLoss;
    private ReceiverEstimate _byReceiver = new();
    private FeedbackSilence _silence = new();
    private bool _hasFeedback;
    private double _lost;
    private long _probeGoal;
    private long _probeCeiling = ProbeController.DefaultMaxBitsPerSecond;
    private MonotonicTime _countsFrom = new(long.MinValue);
    private MonotonicTime _reportedAt;

    /// <summary>Begins with a rate that most networks carry.</summary>
    /// <param name="startBitsPerSecond">Before anything is known.</param>
    public SendSideEstimator(long startBitsPerSecond = ReportBasedEstimator.DefaultStart)
    {
        _start = Math.Clamp(startBitsPerSecond, MinBitsPerSecond, ReportBasedEstimator.Ceiling);
        _byReport = new ReportBasedEstimator(_start);
        _byDelay = new DelayBasedControl(_start, MinBitsPerSecond, ReportBasedEstimator.Ceiling);
        _byLoss = new LossBasedControl(_start);
        BitsPerSecond = _start;
    }

    /// <inheritdoc/>
    public long BitsPerSecond { get; private set; }

    /// <inheritdoc/>
    public bool HasFallen => BitsPerSecond < _start;

    /// <summary>How fast packets may follow each other, in bits per second: no faster than the estimate while a queue has yet to empty.</summary>
    public long PacingBitsPerSecond => _byDelay.IsDraining ? BitsPerSecond : (long)(BitsPerSecond * PacingFactor);

    /// <summary>True while clearly less is sent than the estimate allows, so that it does not grow by itself.</summary>
    public bool IsApplicationLimited => _applicationLimit.IsLimited;

    /// <summary>True while much of what was sent lately is lost, which is known sooner than what it does to the estimate.</summary>
    public bool IsLosing => _lost > MuchLoss;

    /// <summary>True once transport-wide feedback decides.</summary>
    public bool IsMeasured => _hasFeedback;

    /// <summary>What was sent, and how much feedback did not fit it.</summary>
    public SentPacketHistory History => _history;

    /// <summary>From sending the newest packet that the last feedback knew of to that feedback: a round trip, with what waits in the network now.</summary>
    public TimeSpan FeedbackDelay { get; private set; }

    /// <summary>Receiver estimates of nothing, or of more than any viewer gets.</summary>
    public long AbsurdReceiverEstimates { get; private set; }

    /// <summary>No probe goes above this: the most that could be used at all, in bits per second.</summary>
    public long ProbeCeiling
    {
        set
        {
            _probeCeiling = value;
            LimitProbes();
        }
    }

    /// <summary>Notes a packet that was given to the network.</summary>
    /// <param name="transportSequenceNumber">One more than that of the packet before it.</param>
    /// <param name="bytes">On the wire without IP and UDP headers.</param>
    /// <param name="probeCluster">Number of the probe it is part of; 0 for none.</param>
    /// <param name="now">Present time.</param>
    public void OnSent(ushort transportSequenceNumber, int bytes, int probeCluster, MonotonicTime now)
    {
        _history.OnSent(transportSequenceNumber, bytes, probeCluster, now);
        if (_hasFeedback) _silence.OnSent(now);
        CountSent(bytes, now);
    }

    /// <summary>Transport-wide feedback arrived.</summary>
    /// <param name="feedback">What the viewer sent; it may claim anything.</param>
    /// <param name="now">Present time.</param>
    public void OnTransportFeedback(in TransportFeedbackView feedback, MonotonicTime now)
    {
        Span<PacketResult> chunk = stackalloc PacketResult[ResultsAtOnce];
        var results = _history.Read(feedback, now);
        var (any, received) = (false, false);
        long? probed = null;
        int count;
        do
        {
            // :: Step 1: what became of the packets
            count = results.Fill(chunk);
            if (count > 0 && !any) NoteFeedback(now);
            any |= count > 0;
            var news = WithoutSilence(chunk[..count]);

            // :: Step 2: what arrives, what probes measured, how the delay changes
            foreach (ref readonly var result in news)
            {
                _heavyLoss.Add(result);
                _lost += ((result.IsReceived ? 0 : 1) - _lost) * LossWeight;
                if (!result.IsReceived) continue;
                received = true;
                FeedbackDelay = now - result.SentAt;
                _acknowledged.Add(result, now);

                // The queue that a probe makes, and is meant to make, tells nothing of what is sent otherwise.
                if (result.ProbeCluster == 0) _byDelay.Add(result, now);
                else if (_probeResults.TryAdd(result, out var measured)) probed = measured;
            }

            // :: Step 3: after the last of them one step of the rate by delay, which bounds that by loss
            if (count < chunk.Length && received) StepDelay(probed, now);
            if (!news.IsEmpty) _byLoss.Update(news, _byDelay.BitsPerSecond, _acknowledged.At(now), IsApplicationLimited, now);
        }
        while (count == chunk.Length);
        if (any) Refresh(now);
    }

    /// <inheritdoc/>
    public void OnReceiverEstimate(long bitsPerSecond, MonotonicTime now)
    {
        if (bitsPerSecond is <= 0 or > ReportBasedEstimator.Ceiling) AbsurdReceiverEstimates++;
        _byReport.OnReceiverEstimate(bitsPerSecond, now);
        _byReceiver.Set(bitsPerSecond, now);
        Refresh(now);
    }

    /// <inheritdoc/>
    public void OnReport(byte fractionLost, long usefulBitsPerSecond, MonotonicTime now)
    {
        if (_hasFeedback) return;
        _byReport.OnReport(fractionLost, usefulBitsPerSecond, now);
        Refresh(now);
    }

    /// <summary>The round trip was measured (RFC 3550 §6.4.1).</summary>
    public void OnRoundTrip(TimeSpan roundTrip)
    {
        if (roundTrip > TimeSpan.Zero && roundTrip < LongestRoundTrip) _byDelay.OnRoundTrip(roundTrip);
    }

    /// <summary>Lets time pass: the application limit, probes, feedback that stays away.</summary>
    /// <returns>When to call it again at the latest.</returns>
    public MonotonicTime Process(MonotonicTime now)
    {
        CountSent(0, now);
        if (!_hasFeedback) return now + Period;

        // Nobody reports on what is not sent.
        if (_silence.Before == 0 && now - _history.LastSent > Pause) _silence.End();
        _silence.Step(BitsPerSecond, now);
        Refresh(now);
        return MonotonicTime.Min(now + Period, MonotonicTime.Min(_silence.Deadline, _probes.Process(now)));
    }

    /// <inheritdoc/>
    public void WantProbe(long bitsPerSecond, MonotonicTime now)
    {
        if (_hasFeedback) _probes.Request(bitsPerSecond, now);
    }

    /// <summary>Takes the next probe, to begin it now: its packets are reported to <see cref="OnSent"/> with its number.</summary>
    public bool TryTakeProbe(MonotonicTime now, out ProbeCluster probe)
    {
        if (!_probes.TryTake(now, out probe)) return false;
        _probeResults.Begin(probe);
        _probeGoal = probe.BitsPerSecond;
        return true;
    }

    /// <summary>The path is another one, so that nothing of what is known holds.</summary>
    public void Reset(MonotonicTime now)
    {
        _history.Clear();
        _silence.End();
        Restart(_start, now);
        if (_hasFeedback) _probes.Start(_start, now);
        Refresh(now);
    }

    private void StepDelay(long? probed, MonotonicTime now)
    {
        if (probed is { } measured)
        {
            // It was not even meant to reach the rate of now: it shows nothing against it.
            if (measured > UnsaturatedShare * _probeGoal) measured = Math.Max(measured, _byDelay.BitsPerSecond);
            if (_acknowledged.At(now) is { } arrives) measured = Math.Max(measured, Math.Min(_byDelay.BitsPerSecond, (long)(arrives * ProbeFloor)));
            _byLoss.OnProbeResult(measured);
            probed = measured;
        }

        var arriving = _acknowledged.At(now);
        var isOverflowing = _heavyLoss.IsPresent && arriving < _byDelay.BitsPerSecond * OverflowShare;
        var before = _byDelay.BitsPerSecond;
        _byDelay.Update(arriving, probed, IsApplicationLimited, isOverflowing, now);
        if (isOverflowing && _byDelay.BitsPerSecond < before) _heavyLoss.BeginAt(now);
    }

    private void NoteFeedback(MonotonicTime now)
    {
        if (!_hasFeedback)
        {
            _hasFeedback = true;
            var rate = Math.Max(_byReport.BitsPerSecond, MinBitsPerSecond);
            Restart(rate, now);
            _probes.Start(rate, now);
        }

        if (now - _reportedAt > LossMemory) _byLoss.Reset(BitsPerSecond);
        _reportedAt = now;
        var before = _silence.Before;
        _silence.End();
        if (_history.BytesInFlight > 0) _silence.OnSent(now);
        if (before != 0) Resume(before, now);
    }

    /// <summary>After a silence: half of what was right before it, and probes for half and all of it.</summary>
    private void Resume(long before, MonotonicTime now)
    {
        // What was sent into the silence tells of the silence, not of the network after it.
        _countsFrom = now;
        Restart(Math.Max(BitsPerSecond, before / 2), now);
        _probes.Start(before / 6, now);
    }

    private void Restart(long bitsPerSecond, MonotonicTime now)
    {
        _lost = 0;
        _acknowledged.Reset();
        _byDelay.Reset(bitsPerSecond, now);
        _byLoss.Reset(bitsPerSecond);
        _heavyLoss.BeginAt(now);
        _probes.Reset();
        _probeResults.Reset();
    }

    private ReadOnlySpan<PacketResult> WithoutSilence(ReadOnlySpan<PacketResult> results)
    {
        while (!results.IsEmpty && results[0].SentAt < _countsFrom) results = results[1..];
        return results;
    }

    private void CountSent(int bytes, MonotonicTime now)
    {
        var was = IsApplicationLimited;
        _applicationLimit.OnSent(bytes, now);
        _probes.OnApplicationLimited(IsApplicationLimited, now);
        if (was && !IsApplicationLimited) _acknowledged.ExpectChange(now);
    }

    private void Refresh(MonotonicTime now)
    {
        _byReceiver.Expire(now);
        var byNetwork = _hasFeedback ? Math.Min(Math.Min(_byDelay.BitsPerSecond, _byLoss.BitsPerSecond), _silence.Limit) : _byReport.BitsPerSecond;
        BitsPerSecond = Math.Max(Math.Min(byNetwork, _byReceiver.BitsPerSecond), MinBitsPerSecond);
        _applicationLimit.TargetBitsPerSecond = BitsPerSecond;
        LimitProbes();

        // Loss of which nothing has been heard for long keeps nobody from trying: where nothing is sent, nothing else would be heard.
        if (_hasFeedback) _probes.OnEstimate(BitsPerSecond, _byLoss.IsLimiting && now - _reportedAt < LossMemory, now);
    }

    private void LimitProbes() => _probes.MaxBitsPerSecond = Math.Min(_probeCeiling, _byReceiver.BitsPerSecond);
}
