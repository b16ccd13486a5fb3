using System.ComponentModel.DataAnnotations;
using System.Net;
using Broadcast.Media.Layers;
using Broadcast.Media.Receive;

namespace Broadcast.MediaNode;

/// <summary>How the media plane of one node listens and what it accepts.</summary>
public sealed class MediaNodeOptions
{
    /// <summary>UDP and TCP port for everybody. Defaults to 8181; 0 takes a free one.</summary>
    [Range(0, 65535)]
    public int Port { get; set; } = 8181;

    /// <summary>The node's name in its cluster.</summary>
    public string NodeId { get; set; } = "local";

    /// <summary>Local addresses listened on and offered as candidates. Empty: every usable address of the machine.</summary>
    public IList<IPAddress> HostAddresses { get; } = [];

    /// <summary>Addresses under which the node is reached from outside a NAT; offered before the local ones.</summary>
    public IList<IPAddress> PublicAddresses { get; } = [];

    /// <summary>The node takes streams from other nodes, by a port and a thread of their own. Defaults to false.</summary>
    public bool Relays { get; set; }

    /// <summary>Worker threads, each with its own socket. 0: one per core.</summary>
    [Range(0, 64)]
    public int Workers { get; set; }

    /// <summary>Sessions of both kinds that may exist at once; more are refused with 503.</summary>
    [Range(1, 1_000_000)]
    public int MaxSessions { get; set; } = 20_000;

    /// <summary>How long viewers of a stream wait for a publisher that left before they are sent away. Defaults to 60 s.</summary>
    public TimeSpan PublisherGrace { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Offer TCP candidates for networks without UDP. Defaults to true.</summary>
    public bool Tcp { get; set; } = true;

    /// <summary>Segmentation offload (UDP GSO/GRO) where the kernel has it. Defaults to true; false for comparison.</summary>
    public bool SegmentationOffload { get; set; } = true;

    /// <summary>Bits per second that the node may send; 0 for no limit. When it is not enough, viewers share it evenly by lower qualities, then newcomers get the sound only.</summary>
    [Range(0, 1_000_000_000_000)]
    public long UplinkBitsPerSecond { get; set; }

    /// <summary>Nodes that this one feeds at most, counted once for each stream.</summary>
    [Range(0, 10_000)]
    public int MaxChildren { get; set; } = 256;

    /// <summary>Limits on what viewers of a stream get, by its name; "*" for all others.</summary>
    public IDictionary<string, LayerLimits> StreamLimits { get; } = new Dictionary<string, LayerLimits>();

    /// <summary>Limits on publishers.</summary>
    public IngestPolicy Ingest { get; set; } = IngestPolicy.Default;
}
