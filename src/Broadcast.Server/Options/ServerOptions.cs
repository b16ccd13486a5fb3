using System.ComponentModel.DataAnnotations;

namespace Broadcast.Server.Options;

/// <summary>The node as a whole. Configuration section <c>Broadcast</c>; each property has a switch (<see cref="Switches"/>).</summary>
public sealed class ServerOptions
{
    /// <summary>Port of pages, signalling and REST over HTTP. 0 picks a free one.</summary>
    [Range(0, 65535)]
    public int HttpPort { get; set; } = 8080;

    /// <summary>Port of the same over HTTPS, used when a certificate is configured. 0 picks a free one.</summary>
    [Range(0, 65535)]
    public int HttpsPort { get; set; } = 8443;

    /// <summary>Port of metrics, health, the operate page and management over HTTP, which the other ports then do not answer; unset: there is none. 0 picks a free one.</summary>
    [Range(0, 65535)]
    public int? ManagementPort { get; set; }

    /// <summary>Addresses on which it listens; empty stands for 127.0.0.1.</summary>
    public IList<string> ManagementIp { get; } = [];

    /// <summary>Port of media, UDP and TCP alike. 0 picks a free one.</summary>
    [Range(0, 65535)]
    public int MediaPort { get; set; } = 8181;

    /// <summary>Addresses to listen on and to offer as candidates; empty stands for all of this machine.</summary>
    /// <remarks>HTTP always listens on loopback besides.</remarks>
    public IList<string> HostIp { get; } = [];

    /// <summary>Addresses the node is reached at from outside a NAT, offered as candidates.</summary>
    public IList<string> PublicIp { get; } = [];

    /// <summary>Folder for keys, and later recordings and the catalogue.</summary>
    public string Data { get; set; } = "data";

    /// <summary>Media threads; 0 stands for one per processor.</summary>
    [Range(0, 64)]
    public int Workers { get; set; }

    /// <summary>Publishers and viewers at once; more get 503.</summary>
    [Range(1, 1_000_000)]
    public int MaxSessions { get; set; } = 20_000;

    /// <summary>Bits per second that this node may send; 0 for no limit. When it is not enough, viewers share it evenly by lower qualities, then newcomers get the sound only.</summary>
    [Range(0, 1_000_000_000_000)]
    public long Uplink { get; set; }

    /// <summary>Bits per second of video that a publisher is asked to keep below, all its layers together; 0 for no limit.</summary>
    [Range(0, 1_000_000_000)]
    public long MaxIngest { get; set; }

    /// <summary>Other nodes that this one feeds at most, counted once for each stream.</summary>
    [Range(0, 10_000)]
    public int MaxChildren { get; set; } = 256;

    /// <summary>Sends and receives without UDP segmentation offload, for network drivers that do it badly and for comparison.</summary>
    public bool NoOffload { get; set; }

    /// <summary>Everybody may do everything. Accepted on loopback, or together with <see cref="IKnow"/>.</summary>
    public bool NoAuth { get; set; }

    /// <summary>Confirms <see cref="NoAuth"/> on addresses others can reach.</summary>
    public bool IKnow { get; set; }

    /// <summary>Publishes a test picture as the stream "demo".</summary>
    public bool Demo { get; set; }

    /// <summary>Where the nodes of a cluster find each other: <c>redis://…</c> or <c>postgres://…</c>; "localhost" for a node alone.</summary>
    public string Cluster { get; set; } = "localhost";

    /// <summary>Name of this node among others; empty stands for the machine's name.</summary>
    public string NodeId { get; set; } = "";

    /// <summary>Region of this node; traffic between regions is kept low.</summary>
    public string Region { get; set; } = "default";

    /// <summary>Failure domain inside the region.</summary>
    public string Zone { get; set; } = "default";

    /// <summary>Where viewers reach this node when another one sends them here; empty: they are not sent.</summary>
    public string PublicUrl { get; set; } = "";

    /// <summary>Address on which the other nodes of the cluster reach this one; empty stands for loopback.</summary>
    public string SiloIp { get; set; } = "";

    /// <summary>Its TCP port; 0 picks a free one.</summary>
    [Range(0, 65535)]
    public int SiloPort { get; set; }

    /// <summary>File with the secret that all nodes of the cluster share, at least 16 characters.</summary>
    public string ClusterSecretFile { get; set; } = "";

    /// <summary>Out of ingest, relay, edge and recorder, separated by commas.</summary>
    public string Roles { get; set; } = "ingest,relay,edge,recorder";

    /// <summary>Seconds that viewers and other nodes have to go elsewhere after the signal to stop; unset stands for 10 in a cluster and 0 alone.</summary>
    [Range(0, 3600)]
    public int? DrainTimeout { get; set; }

    /// <summary>Certificate chain in PEM form, or a PFX file, for HTTPS.</summary>
    public string Cert { get; set; } = "";

    /// <summary>Private key in PEM form; not needed with a PFX file.</summary>
    public string Key { get; set; } = "";

    /// <summary>HTTPS with a self-signed certificate, generated into the data folder and kept there.</summary>
    public bool DevCert { get; set; }

    /// <summary>debug, information, warning or error.</summary>
    public string LogLevel { get; set; } = "information";

    /// <summary>Addresses of reverse proxies whose X-Forwarded-For and X-Forwarded-Proto are believed.</summary>
    public IList<string> TrustedProxies { get; } = [];
}
