using System.ComponentModel.DataAnnotations;
using System.Net;
using Broadcast.Media.Receive;

namespace Broadcast.MediaNode;

/// <summary>How the media plane of one node listens and what it accepts.</summary>
public sealed class MediaNodeOptions
{
    /// <summary>UDP and TCP port for everybody. Defaults to 8181; 0 takes a free one.</summary>
    [Range(0, 65535)]
    public int Port { get; set; } = 8181;

    /// <summary>Local addresses listened on and offered as candidates. Empty: every usable address of the machine.</summary>
    public IList<IPAddress> HostAddresses { get; } = [];

    /// <summary>Addresses under which the node is reached from outside a NAT; offered before the local ones.</summary>
    public IList<IPAddress> PublicAddresses { get; } = [];

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

    /// <summary>Limits on publishers.</summary>
    public IngestPolicy Ingest { get; set; } = IngestPolicy.Default;
}
