using Broadcast.Testing;

namespace Broadcast.Media.Tests.Congestion.Network;

/// <summary>One flow from a node to a viewer.</summary>
/// <param name="Sender">What sends.</param>
/// <param name="Receiver">What acknowledges.</param>
/// <param name="Trace">What happened.</param>
public sealed record VirtualFlow(VirtualSender Sender, VirtualReceiver Receiver, FlowTrace Trace);

/// <summary>A clock, a bottleneck, and flows that share it. Two runs with one seed are the same.</summary>
public sealed class CongestionScenario
{
    private readonly Random _random;
    private readonly TimeSpan _began;

    /// <summary>An empty link of a capacity, 0 for unlimited.</summary>
    public CongestionScenario(long bitsPerSecond, int seed = 1)
    {
        _random = new Random(seed);
        _began = TimeSpan.FromTicks(Clock.Now.Nanoseconds / 100);
        Link = new VirtualLink(Clock, _random.Next()) { BitsPerSecond = bitsPerSecond };
    }

    /// <summary>Drives everything.</summary>
    public VirtualClock Clock { get; } = new();

    /// <summary>What the flows share.</summary>
    public VirtualLink Link { get; }

    /// <summary>Seconds since the beginning.</summary>
    public double Seconds => (TimeSpan.FromTicks(Clock.Now.Nanoseconds / 100) - _began).TotalSeconds;

    /// <summary>Adds a flow that begins now; feedback takes as long back as packets take on the empty link.</summary>
    public VirtualFlow AddFlow(ISendControl control)
    {
        var receiver = new VirtualReceiver(Clock, _random.Next()) { ReturnDelay = Link.Delay };
        return new VirtualFlow(new VirtualSender(Clock, Link, receiver, control), receiver, new FlowTrace(Clock, Link, receiver, control));
    }

    /// <summary>Adds a download that begins now.</summary>
    public TcpFlow AddTcp() => new(Clock, Link);

    /// <summary>Does something to the link, or to anything else, so many seconds from now.</summary>
    public void In(double seconds, Action action) => Clock.After(TimeSpan.FromSeconds(seconds), action);

    /// <summary>Lets time pass.</summary>
    public void Run(double seconds) => Clock.Run(TimeSpan.FromSeconds(seconds));
}
