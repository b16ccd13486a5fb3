using Broadcast.Media.Receive;
using Broadcast.Media.Sessions;
using Broadcast.Testing.Network;
using Broadcast.Testing.Node;
using Broadcast.Testing.Peers;

namespace Broadcast.Testing;

/// <summary>A node, a network and peers in virtual time: what a scenario test starts from.</summary>
public sealed class Scenario : IDisposable
{
    /// <summary>What browsers offer.</summary>
    public const string AllProfiles = "SRTP_AEAD_AES_128_GCM:SRTP_AEAD_AES_256_GCM:SRTP_AES128_CM_SHA1_80";

    private readonly List<TestPeer> _peers = [];
    private readonly Random _random;

    /// <summary>Creates a node with nobody on it.</summary>
    public Scenario(int seed, int workers = 1, IngestPolicy? ingest = null)
    {
        Seed = seed;
        Clock = new VirtualClock();
        _random = new Random(seed);
        Network = new VirtualNetwork(Clock, _random.Next());
        Node = new VirtualNode(Clock, Network, workers, ingest);
    }

    /// <summary>Creates one of several nodes that share the time.</summary>
    internal Scenario(int seed, VirtualClock clock, string nodeId, int workers = 1)
    {
        Seed = seed;
        Clock = clock;
        _random = new Random(seed);
        Network = new VirtualNetwork(Clock, _random.Next());
        Node = new VirtualNode(Clock, Network, workers, nodeId: nodeId);
    }

    /// <summary>Everything but keys and names follows from it.</summary>
    public int Seed { get; }

    /// <summary>Time.</summary>
    public VirtualClock Clock { get; }

    /// <summary>Network.</summary>
    public VirtualNetwork Network { get; }

    /// <summary>Server.</summary>
    public VirtualNode Node { get; }

    /// <summary>Adds a publisher of the stream "stage" and starts it.</summary>
    public TestPublisher Publish(PublisherProfile? profile = null, LinkConditions? up = null, LinkConditions? down = null, string stream = "stage", int? port = null, string? srtp = null)
    {
        var host = Network.Join(up ?? LinkConditions.Good, down, Network.NewAddress(port));
        var publisher = new TestPublisher(Clock, host, new Random(_random.Next()), profile ?? new PublisherProfile()) { SrtpProfiles = srtp ?? AllProfiles };
        _peers.Add(publisher);
        var (session, answer) = Node.Publish(stream, publisher.Offer);
        publisher.Accept(session, answer);
        return publisher;
    }

    /// <summary>Adds a publisher of several encodings or layers and starts it.</summary>
    public SimulcastPublisher PublishLayered(SimulcastProfile profile, LinkConditions? up = null, LinkConditions? down = null, string stream = "stage", int? port = null)
    {
        var host = Network.Join(up ?? LinkConditions.Good, down, Network.NewAddress(port));
        var publisher = new SimulcastPublisher(Clock, host, new Random(_random.Next()), profile) { SrtpProfiles = AllProfiles };
        _peers.Add(publisher);
        var (session, answer) = Node.Publish(stream, publisher.Offer);
        publisher.Accept(session, answer);
        return publisher;
    }

    /// <summary>Adds a viewer of a <see cref="SimulcastPublisher"/> and starts it.</summary>
    public TestViewer WatchLayered(
        string? offer = null, LinkConditions? up = null, LinkConditions? down = null, string stream = "stage", int? port = null, LayerChoice? choice = null) =>
        Watch(offer ?? OfferText.WithDependencyDescriptor(OfferText.Read("chrome-watch")), up, down, stream, port, isLayered: true, choice: choice);

    /// <summary>Adds a viewer of the stream "stage" and starts it.</summary>
    public TestViewer Watch(
        string? offer = null, LinkConditions? up = null, LinkConditions? down = null, string stream = "stage", int? port = null, string? srtp = null,
        bool isLayered = false, LayerChoice? choice = null)
    {
        var host = Network.Join(up ?? LinkConditions.Good, down, Network.NewAddress(port));
        var viewer = new TestViewer(Clock, host, new Random(_random.Next()), offer ?? OfferText.Read("chrome-watch")) { SrtpProfiles = srtp ?? AllProfiles, IsLayered = isLayered };
        _peers.Add(viewer);
        var (session, answer) = Node.Watch(stream, viewer.Offer, choice);
        viewer.Accept(session, answer);
        return viewer;
    }

    /// <summary>Adds a publisher of the stream "stage" and waits until it sends media.</summary>
    public TestPublisher PublishAndSend(PublisherProfile? profile = null, LinkConditions? up = null, int frames = 30)
    {
        var publisher = Publish(profile, up);
        RunUntil(() => publisher.Frames > frames, 10, "publishing");
        return publisher;
    }

    /// <summary>Adds a viewer of the stream "stage" and waits until it shows a picture.</summary>
    public TestViewer WatchAndSee(string? offer = null, LinkConditions? up = null)
    {
        var viewer = Watch(offer, up);
        RunUntil(() => viewer.Video?.Decoder.Last is not null, 10, "the first picture");
        return viewer;
    }

    /// <summary>Lets a publisher send for a while, then stop, and what is under way arrive.</summary>
    public void PlayOut(TestPublisher publisher, double seconds, double rest = 3)
    {
        Run(seconds);
        publisher.IsSending = false;
        Run(rest);
    }

    /// <summary>Lets time pass.</summary>
    public void Run(double seconds) => Clock.Run(TimeSpan.FromSeconds(seconds));

    /// <summary>Lets time pass until something holds.</summary>
    /// <exception cref="TimeoutException">It did not.</exception>
    public void RunUntil(Func<bool> condition, double seconds, string what)
    {
        if (!Clock.Run(condition, TimeSpan.FromSeconds(seconds))) throw new TimeoutException($"{what}: not within {seconds} s (seed {Seed}, drops {Drops()}).");
    }

    /// <summary>The drop counters, for messages.</summary>
    public string Drops() => string.Join(", ", Node.AllDrops.Select(drop => $"{drop.Key} {drop.Value}"));

    /// <inheritdoc/>
    public void Dispose()
    {
        Node.Dispose();
        foreach (var peer in _peers) peer.Dispose();
    }
}
