using Broadcast.Rtc;

namespace Broadcast.Media.Congestion;

/// <summary>What a viewer's network can carry, from what the viewer reports. One per viewer; owned by its worker.</summary>
public interface IBandwidthEstimator
{
    /// <summary>The present estimate in bits per second.</summary>
    long BitsPerSecond { get; }

    /// <summary>True when it is lower than it was at first: then it was the network that made it so.</summary>
    bool HasFallen { get; }

    /// <summary>True when it follows what arrives, packet by packet: then it holds even where nothing has spoken against more.</summary>
    bool IsMeasured { get; }

    /// <summary>The receiver's own estimate (REMB) arrived.</summary>
    void OnReceiverEstimate(long bitsPerSecond, MonotonicTime now);

    /// <summary>A receiver report arrived.</summary>
    /// <param name="fractionLost">Lost since the last report, in 1/256.</param>
    /// <param name="usefulBitsPerSecond">The most that was sent in that time, or that there is to send.</param>
    /// <param name="now">Present time.</param>
    void OnReport(byte fractionLost, long usefulBitsPerSecond, MonotonicTime now);

    /// <summary>Somebody would send more if the network carried so much. May be repeated.</summary>
    /// <param name="bitsPerSecond">So much.</param>
    /// <param name="now">Present time.</param>
    void WantProbe(long bitsPerSecond, MonotonicTime now);
}
