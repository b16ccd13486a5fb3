using System.Net;
using System.Text.RegularExpressions;
using Broadcast.Trees.Cluster;

namespace Broadcast.Grains.Hosting;

/// <summary>Who this node is in its cluster, and where the cluster keeps its membership.</summary>
public sealed partial class ClusterOptions
{
    /// <summary>Shortest cluster secret that is taken, in characters.</summary>
    public const int MinimumSecretLength = 16;

    /// <summary>
    /// The membership store: <c>redis://[user:password@]host[:port][/db]</c> or <c>postgres://user[:password]@host[:port]/database</c>.
    /// Empty, the default, makes a cluster of this node alone, with nothing to install.
    /// </summary>
    public string Store { get; set; } = "";

    /// <summary>Names the cluster within its store. Defaults to "broadcast".</summary>
    public string ClusterId { get; set; } = "broadcast";

    /// <summary>Names this node; unique within the cluster, the same after a restart. Defaults to the machine's name.</summary>
    public string NodeId { get; set; } = DefaultNodeId();

    /// <summary>Where the node is; links between regions are used sparingly. Defaults to "default".</summary>
    public string Region { get; set; } = "default";

    /// <summary>What fails together within the region; a standby parent is sought in another zone. Defaults to "default".</summary>
    public string Zone { get; set; } = "default";

    /// <summary>What the node may be used for. Defaults to everything.</summary>
    public NodeRoles Roles { get; set; } = NodeRoles.All;

    /// <summary>The address on which the silo listens and under which the others reach it. Defaults to 127.0.0.1.</summary>
    /// <remarks>Any other needs a <see cref="Secret"/>: whoever can speak to a silo can command the cluster.</remarks>
    public IPAddress Address { get; set; } = IPAddress.Loopback;

    /// <summary>The silo's TCP port. Defaults to 0, a free one; with a firewall between the nodes name one.</summary>
    public int SiloPort { get; set; }

    /// <summary>What all nodes of the cluster know and nobody else; connections between silos are encrypted and proved with it.</summary>
    public string Secret { get; set; } = "";

    /// <summary>Where viewers reach this node when another one sends them here, such as <c>https://node1.example.org</c>; empty: they are not sent.</summary>
    public string PublicUrl { get; set; } = "";

    /// <summary>How long the first start tries to reach the store and the cluster before it gives up. Defaults to 30 s.</summary>
    public TimeSpan StartTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Calls between nodes carry the trace that they are part of. Costs something for each call; defaults to false.</summary>
    public bool IsTraced { get; set; }

    /// <summary>True when the cluster is this node alone.</summary>
    public bool IsAlone => Store.Length == 0;

    /// <summary>Says what is wrong, one sentence each; empty when nothing is. No message contains a secret.</summary>
    public IReadOnlyList<string> Check()
    {
        var faults = new List<string>();
        CheckName(faults, "The cluster's name (ClusterId)", ClusterId);
        CheckName(faults, "The node's name (--node-id)", NodeId);
        CheckName(faults, "The region (--region)", Region);
        CheckName(faults, "The zone (--zone)", Zone);
        if (Roles is NodeRoles.None || (Roles & ~NodeRoles.All) != 0) faults.Add("A node needs at least one role (--roles) of ingest, relay, edge, recorder.");
        if (SiloPort is < 0 or > 65535) faults.Add("The silo's port must be between 0 and 65535.");
        if (StartTimeout <= TimeSpan.Zero) faults.Add("The time to start (StartTimeout) must be positive.");
        if (!IsAlone && !ClusterStore.TryParse(Store, out _, out var fault)) faults.Add(fault);
        if (Secret.Length is > 0 and < MinimumSecretLength) faults.Add($"The cluster secret must have at least {MinimumSecretLength} characters.");
        if (Address.Equals(IPAddress.Any) || Address.Equals(IPAddress.IPv6Any)) faults.Add("The silo needs an address that other nodes can reach, not the wildcard.");
        if (IsAlone && !IPAddress.IsLoopback(Address)) faults.Add("A node without a membership store (--cluster) listens for other nodes on loopback only.");
        if (!IPAddress.IsLoopback(Address) && Secret.Length == 0) faults.Add($"Listening for other nodes on {Address} needs a cluster secret; without one only loopback is allowed.");
        return faults;
    }

    /// <exception cref="InvalidDataException">Something is wrong; the message says what, and what to do.</exception>
    public void Validate()
    {
        var faults = Check();
        if (faults.Count > 0) throw new InvalidDataException(string.Join(Environment.NewLine, faults));
    }

    private static void CheckName(List<string> faults, string what, string name)
    {
        if (!Name().IsMatch(name)) faults.Add($"{what} must be 1 to 63 letters, digits, dots, dashes or underscores, beginning with a letter or digit.");
    }

    private static string DefaultNodeId()
    {
        var name = Environment.MachineName;
        return Name().IsMatch(name) ? name : "node";
    }

    // No '/': it parts the node from the session in the key of a viewer's grain.
    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}\z")]
    private static partial Regex Name();
}
