using Broadcast.Media.Congestion;
using Broadcast.Rtc;
using Broadcast.Rtc.Rtcp;

namespace Broadcast.Media.Tests.Congestion.Network;

/// <summary>What a <see cref="VirtualSender"/> asks and tells: the part of a send-side estimator that a pacer sees.</summary>
public interface ISendControl
{
    /// <summary>The target.</summary>
    long BitsPerSecond { get; }

    /// <summary>How fast packets follow each other.</summary>
    long PacingBitsPerSecond { get; }

    /// <summary>A packet leaves.</summary>
    void OnSent(ushort transportSequenceNumber, int bytes, int probeCluster, MonotonicTime now);

    /// <summary>Feedback came.</summary>
    void OnTransportFeedback(in TransportFeedbackView feedback, MonotonicTime now);

    /// <summary>The periodic part; when to call it again.</summary>
    MonotonicTime Process(MonotonicTime now);

    /// <summary>More would be sent if the network carried so much.</summary>
    void WantProbe(long bitsPerSecond, MonotonicTime now);

    /// <summary>A probe to begin now.</summary>
    bool TryTakeProbe(MonotonicTime now, out ProbeCluster probe);
}
