using Broadcast.Rtc;
using Broadcast.Rtc.Rtcp;
using Broadcast.Testing;

namespace Broadcast.Media.Tests.Congestion.Network;

/// <summary>Takes a feedback packet that came back to the sender.</summary>
public delegate void FeedbackArrived(in TransportFeedbackView feedback, MonotonicTime now);

/// <summary>Acknowledges what arrives with transport-wide feedback, in the real wire format and on a clock of its own.</summary>
public sealed class VirtualReceiver
{
    /// <summary>Its clock began long before the sender's.</summary>
    private static readonly TimeSpan ClockOffset = TimeSpan.FromSeconds(98_765.4321);

    private readonly VirtualClock _clock;
    private readonly Random _random;
    private readonly TransportFeedbackBuilder _builder = new();

    /// <summary>Begins to report.</summary>
    /// <param name="clock">Drives it.</param>
    /// <param name="seed">For the loss of feedback.</param>
    public VirtualReceiver(VirtualClock clock, int seed)
    {
        (_clock, _random) = (clock, new Random(seed));
        _clock.After(Interval, Report);
    }

    /// <summary>Between two reports; 50 to 100 ms with browsers.</summary>
    public TimeSpan Interval { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>One way, from here to the sender.</summary>
    public TimeSpan ReturnDelay { get; set; } = TimeSpan.FromMilliseconds(25);

    /// <summary>Share of reports that never come back.</summary>
    public double FeedbackLoss { get; set; }

    /// <summary>Gets what comes back.</summary>
    public FeedbackArrived? FeedbackArrived { get; set; }

    /// <summary>Packets that arrived.</summary>
    public long Packets { get; private set; }

    /// <summary>Bytes that arrived.</summary>
    public long Bytes { get; private set; }

    /// <summary>Of the last packet: how long it was under way.</summary>
    public TimeSpan LastDelay { get; private set; }

    /// <summary>A packet arrives.</summary>
    public void Receive(ushort transportSequenceNumber, int bytes, MonotonicTime sentAt, MonotonicTime now)
    {
        Packets++;
        Bytes += bytes;
        LastDelay = now - sentAt;
        _builder.Add(transportSequenceNumber, now + ClockOffset);
    }

    private void Report()
    {
        _clock.After(Interval, Report);
        while (true)
        {
            var packet = new byte[TransportFeedbackBuilder.MaximumLength];
            var length = _builder.Build(packet, senderSsrc: 1, mediaSsrc: 2, _clock.Now);
            if (length == 0) return;
            if (FeedbackLoss > 0 && _random.NextDouble() < FeedbackLoss) continue;
            _clock.After(ReturnDelay, () => Return(packet.AsSpan(0, length)));
        }
    }

    private void Return(ReadOnlySpan<byte> datagram)
    {
        var reader = new RtcpReader(datagram);
        while (reader.TryRead(out var packet, out _))
        {
            Assert.Equal(DropReason.None, TransportFeedbackView.TryParse(packet, out var feedback));
            FeedbackArrived?.Invoke(feedback, _clock.Now);
        }
    }
}
