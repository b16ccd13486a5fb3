using Broadcast.Rtc;

namespace Broadcast.Media.Congestion;

/// <summary>An estimate from receiver reports and REMB alone: grows while little is lost, never far beyond what there is to send.</summary>
public sealed class ReportBasedEstimator(long startBitsPerSecond = ReportBasedEstimator.DefaultStart) : IBandwidthEstimator
{
    /// <summary>Before anything is known: most networks carry this.</summary>
    public const long DefaultStart = 2_500_000;

    private const long Ceiling = 100_000_000;

    /// <summary>A receiver that estimates repeats itself at least every second; after this it has stopped.</summary>
    private static readonly TimeSpan ReceiverEstimateLife = TimeSpan.FromSeconds(5);

    private readonly LossBasedReceiveEstimator _byLoss = new(startBitsPerSecond, Ceiling);
    private long _byReceiver = Ceiling;
    private MonotonicTime _byReceiverAt;

    /// <inheritdoc/>
    public long BitsPerSecond => Math.Min(_byLoss.BitsPerSecond, _byReceiver);

    /// <inheritdoc/>
    public bool HasFallen => BitsPerSecond < startBitsPerSecond;

    /// <inheritdoc/>
    public void OnReceiverEstimate(long bitsPerSecond, MonotonicTime now) => (_byReceiver, _byReceiverAt) = (Math.Clamp(bitsPerSecond, 1, Ceiling), now);

    /// <inheritdoc/>
    public void OnReport(byte fractionLost, long usefulBitsPerSecond, MonotonicTime now)
    {
        if (now - _byReceiverAt > ReceiverEstimateLife) _byReceiver = Ceiling;
        _byLoss.Update(fractionLost, usefulBitsPerSecond, now);
    }
}
