using Broadcast.Rtc;

namespace Broadcast.Media.Congestion;

/// <summary>What arrives, in bits per second: samples of 150 ms, weighed by how far they are from what is believed
/// (libwebrtc <c>bitrate_estimator.cc</c>, <c>acknowledged_bitrate_estimator.cc</c>).</summary>
/// <remarks>Owned by one <see cref="SendSideEstimator"/>.</remarks>
public sealed class AcknowledgedBitrate
{
    private const double FirstWindow = 500;
    private const double Window = 150;
    private const double Uncertainty = 10;
    private const double StartVariance = 50;
    private const double VarianceGain = 5;
    private const double ChangeVariance = 200;

    /// <summary>A link is slow when packets were sent within this share of the time in which they arrived.</summary>
    private const double SlowShare = 0.5;

    /// <summary>Feedback without any received packet for so long, and what arrived before no longer counts.</summary>
    private static readonly TimeSpan Life = TimeSpan.FromSeconds(1);

    private MonotonicTime _last;
    private MonotonicTime _lastSent;
    private MonotonicTime _lastReported;
    private bool _any;
    private double _elapsed;
    private long _bytes;
    private double _kilobits = -1;
    private double _variance = StartVariance;
    private MonotonicTime _changesAfter = MonotonicTime.Never;

    /// <summary>The present estimate; null before half a second was measured, and when nothing has arrived for a second.</summary>
    public long? At(MonotonicTime now) => _kilobits < 0 || now - _lastReported > Life ? null : (long)(_kilobits * 1000);

    /// <summary>Adds a received packet.</summary>
    /// <param name="packet">The packet.</param>
    /// <param name="now">When its feedback arrived.</param>
    public void Add(in PacketResult packet, MonotonicTime now)
    {
        _lastReported = now;
        if (packet.SentAt > _changesAfter)
        {
            _variance += ChangeVariance;
            _changesAfter = MonotonicTime.Never;
        }

        if (!TrySample(packet, out var sample)) return;
        if (_kilobits < 0)
        {
            _kilobits = sample;
            return;
        }

        if (_kilobits + sample <= 0) return;
        var uncertainty = Uncertainty * Math.Abs(_kilobits - sample) / Math.Max(_kilobits, 1);
        var (sampled, predicted) = (uncertainty * uncertainty, _variance + VarianceGain);
        _kilobits = ((sampled * _kilobits) + (predicted * sample)) / (sampled + predicted);
        _variance = sampled * predicted / (sampled + predicted);
    }

    /// <summary>There is more to send from now on: the rate may change faster than usual.</summary>
    public void ExpectChange(MonotonicTime now) => _changesAfter = now;

    /// <summary>Begins anew.</summary>
    public void Reset()
    {
        (_any, _elapsed, _bytes, _kilobits, _variance, _changesAfter) = (false, 0, 0, -1, StartVariance, MonotonicTime.Never);
    }

    private bool TrySample(in PacketResult packet, out double kilobits)
    {
        kilobits = 0;
        var window = _kilobits < 0 ? FirstWindow : Window;
        var step = (packet.ReceivedAt - _last).TotalMilliseconds;
        if (!_any || step < 0) (_any, _elapsed, _bytes, step) = (true, 0, 0, 0);
        _elapsed += step;

        var sentStep = (packet.SentAt - _lastSent).TotalMilliseconds;
        (_last, _lastSent) = (packet.ReceivedAt, packet.SentAt);
        if (step > window)
        {
            // Where nothing was sent nothing can be said. What was sent sooner than it arrived, the link let through at this rate.
            var isSlow = sentStep < step * SlowShare;
            if (isSlow) kilobits = 8 * packet.Bytes / step;
            (_elapsed, _bytes) = (isSlow ? 0 : _elapsed % window, isSlow ? 0 : packet.Bytes);
            return isSlow;
        }

        var isFull = _elapsed >= window;
        if (isFull)
        {
            kilobits = 8 * _bytes / window;
            _elapsed -= window;
            _bytes = 0;
        }

        _bytes += packet.Bytes;
        return isFull;
    }
}
