using Broadcast.Media.Congestion;
using Broadcast.Rtc;
using Broadcast.Rtc.Rtcp;

namespace Broadcast.Media.Tests.Congestion.Network;

/// <summary>A target that the test sets, and a record of what became of every packet.</summary>
public class RecordingControl(long bitsPerSecond) : ISendControl
{
    private readonly Dictionary<ushort, PacketResult> _sent = [];
    private readonly List<PacketResult> _batch = [];

    /// <inheritdoc/>
    public long BitsPerSecond { get; set; } = bitsPerSecond;

    /// <inheritdoc/>
    public long PacingBitsPerSecond => BitsPerSecond * 5 / 2;

    /// <summary>Every packet that left, in order; the rest of the record is not filled in.</summary>
    public List<PacketResult> Sent { get; } = [];

    /// <summary>What feedback told, in order.</summary>
    public List<PacketResult> Results { get; } = [];

    /// <summary>What was asked for by <see cref="WantProbe"/>, the last of it.</summary>
    public long Wanted { get; private set; }

    /// <summary>Probes to hand out.</summary>
    public Queue<ProbeCluster> Probes { get; } = [];

    /// <inheritdoc/>
    public void OnSent(ushort transportSequenceNumber, int bytes, int probeCluster, MonotonicTime now)
    {
        var packet = new PacketResult(now, bytes, probeCluster, default, false);
        _sent[transportSequenceNumber] = packet;
        Sent.Add(packet);
    }

    /// <inheritdoc/>
    public void OnTransportFeedback(in TransportFeedbackView feedback, MonotonicTime now)
    {
        _batch.Clear();
        foreach (var status in feedback)
        {
            if (!_sent.TryGetValue(status.SequenceNumber, out var packet)) continue;
            if (status.Received) _sent.Remove(status.SequenceNumber);
            _batch.Add(packet with { IsReceived = status.Received, ReceivedAt = new MonotonicTime(status.ArrivalNanoseconds) });
        }

        Results.AddRange(_batch);
        OnResults(_batch.ToArray(), now);
    }

    /// <inheritdoc/>
    public virtual MonotonicTime Process(MonotonicTime now) => now + TimeSpan.FromMilliseconds(100);

    /// <inheritdoc/>
    public void WantProbe(long bitsPerSecond, MonotonicTime now) => Wanted = bitsPerSecond;

    /// <inheritdoc/>
    public virtual bool TryTakeProbe(MonotonicTime now, out ProbeCluster probe) => Probes.TryDequeue(out probe);

    /// <summary>The results of one feedback packet.</summary>
    protected virtual void OnResults(ReadOnlySpan<PacketResult> results, MonotonicTime now)
    {
    }
}
