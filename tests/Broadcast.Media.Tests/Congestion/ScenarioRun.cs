using Broadcast.Media.Congestion;
using Broadcast.Media.Tests.Congestion.Network;
using Broadcast.Rtc;
using Broadcast.Rtc.Rtcp;

namespace Broadcast.Media.Tests.Congestion;

/// <summary>One viewer behind a bottleneck, and what surrounds it, from one seed.</summary>
internal sealed class ScenarioRun
{
    private readonly Random _random;

    /// <summary>A link with a round trip of 40 to 100 ms and an encoder that follows the estimate up to 8 Mbit/s.</summary>
    public ScenarioRun(long bitsPerSecond, int seed, TimeSpan? delay = null)
    {
        _random = new Random(seed);
        Network = new CongestionScenario(bitsPerSecond, seed);
        Link.Delay = delay ?? TimeSpan.FromMilliseconds(_random.Next(20, 50));
        Viewer = AddViewer();
    }

    public CongestionScenario Network { get; }

    public VirtualLink Link => Network.Link;

    public VirtualFlow Viewer { get; }

    public FlowTrace Trace => Viewer.Trace;

    /// <summary>Another viewer behind the same bottleneck, from now on.</summary>
    public VirtualFlow AddViewer()
    {
        var control = new Control(2 * Link.Delay);
        var flow = Network.AddFlow(control);
        flow.Receiver.Interval = TimeSpan.FromMilliseconds(_random.Next(50, 100));
        flow.Sender.KeyframeInterval = _random.Next(60, 180);
        return flow;
    }

    /// <summary>Lets time pass.</summary>
    public void Run(double seconds) => Network.Run(seconds);

    /// <summary>Lets time pass.</summary>
    /// <returns>What was sent in it, in bits per second.</returns>
    public double Sent(double seconds)
    {
        var before = Viewer.Sender.SentBytes;
        Run(seconds);
        return (Viewer.Sender.SentBytes - before) * 8 / seconds;
    }

    private sealed class Control : ISendControl
    {
        private readonly SendSideEstimator _estimator = new();

        public Control(TimeSpan roundTrip) => _estimator.OnRoundTrip(roundTrip);

        public long BitsPerSecond => _estimator.BitsPerSecond;

        public long PacingBitsPerSecond => _estimator.PacingBitsPerSecond;

        public void OnSent(ushort transportSequenceNumber, int bytes, int probeCluster, MonotonicTime now) =>
            _estimator.OnSent(transportSequenceNumber, bytes, probeCluster, now);

        public void OnTransportFeedback(in TransportFeedbackView feedback, MonotonicTime now) => _estimator.OnTransportFeedback(feedback, now);

        public MonotonicTime Process(MonotonicTime now) => _estimator.Process(now);

        public void WantProbe(long bitsPerSecond, MonotonicTime now) => _estimator.WantProbe(bitsPerSecond, now);

        public bool TryTakeProbe(MonotonicTime now, out ProbeCluster probe) => _estimator.TryTakeProbe(now, out probe);
    }
}
