using Broadcast.Rtc;

namespace Broadcast.Media.Congestion;

/// <summary>What a probe measured: the rate at which its packets arrived, if that can be believed.</summary>
/// <remarks>
/// The rules of libwebrtc, modules/congestion_controller/goog_cc/probe_bitrate_estimator.cc. Remembers <see cref="Remembered"/> probes.
/// Owned by one MediaWorker.
/// </remarks>
public sealed class ProbeBitrateEstimator
{
    /// <summary>More are not under way at a time: two at the start, and the next step of each.</summary>
    public const int Remembered = 4;

    /// <summary>The share of packets and of bytes that must have arrived.</summary>
    private const double MinReceivedShare = 0.8;

    /// <summary>Arriving at more than this times the rate of sending is a measuring error: a queue emptied, or clocks.</summary>
    private const double MaxReceiveOverSend = 2.0;

    /// <summary>Below this the link is full: its capacity is known.</summary>
    private const double UnsaturatedShare = 0.9;

    /// <summary>The share of a known capacity that is used.</summary>
    private const double TargetUtilization = 0.95;

    private static readonly TimeSpan MaxInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan History = TimeSpan.FromSeconds(1);

    private readonly Measurement[] _measurements = new Measurement[Remembered];

    /// <summary>Says that a probe begins: its packets are counted from now on. The oldest makes room for it.</summary>
    public void Begin(in ProbeCluster probe)
    {
        if (probe.Id <= 0) return;
        _measurements[probe.Id % Remembered] = new Measurement { Id = probe.Id, MinPackets = probe.MinPackets, MinBytes = probe.MinBytes };
    }

    /// <summary>Takes what became of a packet; what is lost, or part of no remembered probe, is passed over.</summary>
    /// <param name="result">Of a packet with a probe's number.</param>
    /// <param name="bitsPerSecond">What the probe measured so far, when true is returned; later packets of it make it more exact.</param>
    public bool TryAdd(in PacketResult result, out long bitsPerSecond)
    {
        bitsPerSecond = 0;
        if (result.ProbeCluster <= 0 || !result.IsReceived || result.Bytes <= 0) return false;
        ref var measurement = ref _measurements[result.ProbeCluster % Remembered];
        if (measurement.Id != result.ProbeCluster) return false;
        if (measurement.Packets > 0 && result.ReceivedAt - measurement.LastReceived > History) return false;

        measurement.Add(result);
        return measurement.HasEnough && measurement.TryEstimate(out bitsPerSecond);
    }

    /// <summary>Forgets all probes.</summary>
    public void Reset() => Array.Clear(_measurements);

    private struct Measurement
    {
        public int Id;
        public int MinPackets;
        public int MinBytes;
        public int Packets;
        public MonotonicTime LastReceived;
        private int _bytes;
        private int _bytesLastSent;
        private int _bytesFirstReceived;
        private MonotonicTime _firstSent;
        private MonotonicTime _lastSent;
        private MonotonicTime _firstReceived;

        public readonly bool HasEnough => Packets >= (int)(MinPackets * MinReceivedShare) && _bytes >= MinBytes * MinReceivedShare;

        public void Add(in PacketResult result)
        {
            var isFirst = Packets == 0;
            if (isFirst || result.SentAt < _firstSent) _firstSent = result.SentAt;
            if (isFirst || result.SentAt > _lastSent) (_lastSent, _bytesLastSent) = (result.SentAt, result.Bytes);
            if (isFirst || result.ReceivedAt < _firstReceived) (_firstReceived, _bytesFirstReceived) = (result.ReceivedAt, result.Bytes);
            if (isFirst || result.ReceivedAt > LastReceived) LastReceived = result.ReceivedAt;
            _bytes += result.Bytes;
            Packets++;
        }

        public readonly bool TryEstimate(out long bitsPerSecond)
        {
            bitsPerSecond = 0;
            var sending = _lastSent - _firstSent;
            var receiving = LastReceived - _firstReceived;
            if (sending <= TimeSpan.Zero || sending > MaxInterval || receiving <= TimeSpan.Zero || receiving > MaxInterval) return false;

            // Neither interval has room for the packet that lies outside of it: the last sent, the first received.
            var sendRate = (_bytes - _bytesLastSent) * 8 / sending.TotalSeconds;
            var receiveRate = (_bytes - _bytesFirstReceived) * 8 / receiving.TotalSeconds;
            if (receiveRate > MaxReceiveOverSend * sendRate) return false;

            bitsPerSecond = (long)(receiveRate < UnsaturatedShare * sendRate ? TargetUtilization * receiveRate : Math.Min(sendRate, receiveRate));
            return bitsPerSecond > 0;
        }
    }
}
