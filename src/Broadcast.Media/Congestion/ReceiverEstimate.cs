using Broadcast.Rtc;

namespace Broadcast.Media.Congestion;

/// <summary>The receiver's own estimate (REMB), for as long as it is repeated.</summary>
internal struct ReceiverEstimate
{
    /// <summary>A receiver that estimates repeats itself at least every second; after this it has stopped.</summary>
    private static readonly TimeSpan Life = TimeSpan.FromSeconds(5);

    private MonotonicTime _at;

    public ReceiverEstimate() => BitsPerSecond = ReportBasedEstimator.Ceiling;

    /// <summary>1 to <see cref="ReportBasedEstimator.Ceiling"/>, which stands for none.</summary>
    public long BitsPerSecond { get; private set; }

    /// <summary>It arrived.</summary>
    public void Set(long bitsPerSecond, MonotonicTime now) => (BitsPerSecond, _at) = (Math.Clamp(bitsPerSecond, 1, ReportBasedEstimator.Ceiling), now);

    /// <summary>Forgets it when it is too old.</summary>
    public void Expire(MonotonicTime now)
    {
        if (now - _at > Life) BitsPerSecond = ReportBasedEstimator.Ceiling;
    }
}
