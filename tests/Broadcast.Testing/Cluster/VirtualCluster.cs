using System.Net;
using Broadcast.Rtc;
using Broadcast.Testing.Network;
using Broadcast.Testing.Node;

namespace Broadcast.Testing.Cluster;

/// <summary>Several nodes, each with its own publishers and viewers, and the links between them, in one virtual time.</summary>
public sealed class VirtualCluster : IDisposable
{
    private readonly Dictionary<string, Scenario> _nodes = [];
    private readonly Dictionary<TransportAddress, Scenario> _byAddress = [];
    private readonly Dictionary<(string From, string To), VirtualLink> _links = [];
    private readonly Random _random;
    private readonly int _workers;
    private int _epochs;

    /// <summary>Creates the nodes that are named.</summary>
    public VirtualCluster(int seed, int workers, params string[] nodes)
    {
        Seed = seed;
        _random = new Random(seed);
        _workers = workers;
        foreach (var node in nodes) Add(node);
    }

    /// <summary>Everything but keys and names follows from it.</summary>
    public int Seed { get; }

    /// <summary>Time.</summary>
    public VirtualClock Clock { get; } = new();

    /// <summary>Conditions between nodes that have not been set apart.</summary>
    public LinkConditions Between { get; set; } = new() { Delay = TimeSpan.FromMilliseconds(2) };

    /// <summary>A node with its peers.</summary>
    public Scenario this[string node] => _nodes[node];

    /// <summary>Adds a node.</summary>
    public Scenario Add(string id)
    {
        var scenario = new Scenario(_random.Next(), Clock, id, _workers);
        var host = new IPAddress([203, 0, 113, (byte)(10 + _nodes.Count)]);
        var address = scenario.Node.Address = new TransportAddress(host, 8181);
        scenario.Node.RelayAddress = new TransportAddress(host, 40_001);
        scenario.Node.NextEpoch = () => ++_epochs;
        scenario.Network.Elsewhere = (to, byRelayWorker, datagram) => Carry(scenario, byRelayWorker, to, datagram);
        _nodes.Add(id, scenario);
        _byAddress.Add(address, scenario);
        _byAddress.Add(scenario.Node.RelayAddress, scenario);
        return scenario;
    }

    /// <summary>One direction between two nodes.</summary>
    public VirtualLink Link(string from, string to)
    {
        if (!_links.TryGetValue((from, to), out var link)) _links.Add((from, to), link = new VirtualLink(Clock, new Random(_random.Next())) { Conditions = Between });
        return link;
    }

    /// <summary>Connects a node to its parent and lets a stream come, by a standby too if there is one.</summary>
    public void Attach(string child, string parent, string? standby = null, string stream = "stage")
    {
        var node = _nodes[child].Node;
        node.Attach(stream, node.Dial(_nodes[parent].Node).Transport, standby is null ? null : node.Dial(_nodes[standby].Node).Transport);
    }

    /// <summary>A machine loses its power.</summary>
    public void Kill(string node) => _nodes[node].Network.IsServerDown = true;

    /// <summary>Lets time pass.</summary>
    public void Run(double seconds) => Clock.Run(TimeSpan.FromSeconds(seconds));

    /// <summary>Lets time pass until something holds.</summary>
    /// <exception cref="TimeoutException">It did not.</exception>
    public void RunUntil(Func<bool> condition, double seconds, string what)
    {
        if (!Clock.Run(condition, TimeSpan.FromSeconds(seconds)))
            throw new TimeoutException($"{what}: not within {seconds} s (seed {Seed}, {string.Join("; ", _nodes.Select(node => $"{node.Key}: {node.Value.Drops()}"))}).");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var node in _nodes.Values) node.Dispose();
    }

    private bool Carry(Scenario from, bool byRelayWorker, TransportAddress to, byte[] datagram)
    {
        if (!_byAddress.TryGetValue(to, out var target)) return false;
        var sender = byRelayWorker ? from.Node.RelayAddress : from.Node.Address;
        Link(from.Node.NodeId, target.Node.NodeId).Send(datagram, arrived =>
        {
            if (target.Network.IsServerDown) return;
            if (to == target.Node.RelayAddress) target.Node.RelayWorker.Receive(arrived, VirtualNode.PathTo(sender));
            else target.Network.ServerReceived?.Invoke(sender, arrived);
        });
        return true;
    }
}
