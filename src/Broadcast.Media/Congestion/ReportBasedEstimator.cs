using Broadcast.Rtc;

namespace Broadcast.Media.Congestion;

/// <summary>An estimate from receiver reports and REMB alone: grows while little is lost, never far beyond what there is to send.</summary>
public sealed class ReportBasedEstimator(long startBitsPerSecond = ReportBasedEstimator.DefaultStart) : IBandwidthEstimator
{
    /// <summary>Before anything is known: most networks carry this.</summary>
    public const long DefaultStart = 2_500_000;

    /// <summary>No estimate of a viewer is higher.</summary>
    public const long Ceiling = 100_000_000;

    private readonly LossBasedReceiveEstimator _byLoss = new(startBitsPerSecond, Ceiling);
    private ReceiverEstimate _byReceiver = new();

    /// <inheritdoc/>
    public long BitsPerSecond => Math.Min(_byLoss.BitsPerSecond, _byReceiver.BitsPerSecond);

    /// <inheritdoc/>
    public bool HasFallen => BitsPerSecond < startBitsPerSecond;

    /// <inheritdoc/>
    public bool IsMeasured => false;

    /// <inheritdoc/>
    public void OnReceiverEstimate(long bitsPerSecond, MonotonicTime now) => _byReceiver.Set(bitsPerSecond, now);

    /// <inheritdoc/>
    public void OnReport(byte fractionLost, long usefulBitsPerSecond, MonotonicTime now)
    {
        _byReceiver.Expire(now);
        _byLoss.Update(fractionLost, usefulBitsPerSecond, now);
    }

    /// <summary>Nothing that is reported would tell what a probe has shown.</summary>
    public void WantProbe(long bitsPerSecond, MonotonicTime now)
    {
    }
}
