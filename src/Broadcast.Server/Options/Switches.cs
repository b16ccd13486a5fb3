namespace Broadcast.Server.Options;

/// <summary>Every switch of the server, in the order help shows them.</summary>
public static class Switches
{
    /// <summary>Names the configuration file; it cannot stand in one.</summary>
    public const string ConfigFile = "--config";

    /// <summary>The table; a test keeps it in step with <see cref="ServerOptions"/>.</summary>
    public static readonly IReadOnlyList<Switch> All =
    [
        new("--http-port", "HttpPort", SwitchKind.Value, "N", "Pages, WHIP, WHEP and REST over HTTP (8080)."),
        new("--https-port", "HttpsPort", SwitchKind.Value, "N", "The same over HTTPS when a certificate is configured (8443)."),
        new("--management-port", "ManagementPort", SwitchKind.Value, "N", "Metrics, health, /operate and management on a port of their own, and not on the others (none)."),
        new("--management-ip", "ManagementIp", SwitchKind.List, "A", "Address on which that port listens; may be repeated (127.0.0.1)."),
        new("--media-port", "MediaPort", SwitchKind.Value, "N", "Media over UDP and TCP (8181)."),
        new("--host-ip", "HostIp", SwitchKind.List, "A", "Address to listen on and to offer; may be repeated (all)."),
        new("--public-ip", "PublicIp", SwitchKind.List, "A", "Address this node has outside a NAT; may be repeated."),
        new("--data", "Data", SwitchKind.Value, "DIR", "Folder for keys and recordings (./data)."),
        new("--workers", "Workers", SwitchKind.Value, "N", "Media threads (one per processor)."),
        new("--max-sessions", "MaxSessions", SwitchKind.Value, "N", "Publishers and viewers at once (20000)."),
        new("--max-ingest", "MaxIngest", SwitchKind.Value, "BPS", "Bits per second of video that each publisher is asked to keep below (no limit)."),
        new("--uplink", "Uplink", SwitchKind.Value, "BPS", "Bits per second this node may send; viewers share them by lower qualities (no limit)."),
        new("--max-children", "MaxChildren", SwitchKind.Value, "N", "Other nodes that this one feeds, counted once for each stream (256)."),
        new("--no-offload", "NoOffload", SwitchKind.Flag, "", "Sends and receives without UDP segmentation offload (GSO, GRO)."),
        new("--cert", "Cert", SwitchKind.Value, "FILE", "Certificate for HTTPS: PEM chain, or PFX."),
        new("--key", "Key", SwitchKind.Value, "FILE", "Its private key in PEM form."),
        new("--dev-cert", "DevCert", SwitchKind.Flag, "", "HTTPS with a self-signed certificate, for development."),
        new("--no-auth", "NoAuth", SwitchKind.Flag, "", "No tokens: everybody may publish. Only with --host-ip 127.0.0.1 or --i-know."),
        new("--i-know", "IKnow", SwitchKind.Flag, "", "Confirms --no-auth on addresses others can reach."),
        new("--demo", "Demo", SwitchKind.Flag, "", "Publishes a test picture with sound as the stream \"demo\"."),
        new("--cluster", "Cluster", SwitchKind.Value, "URL", "Where the nodes of a cluster find each other: redis://… or postgres://… (alone)."),
        new("--node-id", "NodeId", SwitchKind.Value, "ID", "Name of this node (the machine's name)."),
        new("--region", "Region", SwitchKind.Value, "R", "Region of this node (default)."),
        new("--zone", "Zone", SwitchKind.Value, "Z", "Failure domain in the region (default)."),
        new("--public-url", "PublicUrl", SwitchKind.Value, "URL", "Where viewers reach this node when another one sends them here."),
        new("--silo-ip", "SiloIp", SwitchKind.Value, "A", "Address for the other nodes of the cluster (127.0.0.1)."),
        new("--silo-port", "SiloPort", SwitchKind.Value, "N", "Its TCP port (a free one)."),
        new("--cluster-secret-file", "ClusterSecretFile", SwitchKind.Value, "FILE", "Secret that all nodes share; needed beyond loopback."),
        new("--roles", "Roles", SwitchKind.Value, "LIST", "Out of ingest,relay,edge,recorder (all)."),
        new("--drain-timeout", "DrainTimeout", SwitchKind.Value, "SECONDS", "Time to go elsewhere after SIGTERM or Ctrl-C; a second one ends at once (10 in a cluster, 0 alone)."),
        new("--record", "Recording:Mode", SwitchKind.Value, "MODE", "always, on-demand or never: which streams are recorded (on-demand)."),
        new("--vod-spool", "Vod:Spool", SwitchKind.Value, "DIR", "Folder in which recordings grow (DATA/recordings/spool)."),
        new("--vod-store", "Vod:Store", SwitchKind.Value, "WHERE", "Finished recordings: a folder, or s3://bucket/prefix (DATA/recordings/store)."),
        new("--vod-s3-endpoint", "Vod:S3Endpoint", SwitchKind.Value, "URL", "Server of the bucket (Amazon's)."),
        new("--vod-catalogue", "Vod:Catalogue", SwitchKind.Value, "WHERE", "What was recorded: postgres://…, or an SQLite file (DATA/recordings/catalogue.db)."),
        new("--vod-max-age", "Vod:MaxAge", SwitchKind.Value, "D.HH:MM:SS", "Delete older recordings (never)."),
        new("--vod-max-bytes", "Vod:MaxBytes", SwitchKind.Value, "N", "Delete the oldest when all of this node have more bytes (no limit)."),
        new("--vod-max-bytes-per-stream", "Vod:MaxBytesPerStream", SwitchKind.Value, "N", "The same for each stream (no limit)."),
        new("--auth-webhook", "Auth:WebhookUrl", SwitchKind.Value, "URL", "Service that judges tokens which are none of this node's."),
        new("--auth-webhook-secret-file", "Auth:WebhookSecretFile", SwitchKind.Value, "FILE", "Secret that signs what it is asked."),
        new("--webhook", "Vod:Webhook", SwitchKind.Value, "URL", "Is told by POST when recordings begin, are ready or fail."),
        new("--webhook-secret-file", "Vod:WebhookSecretFile", SwitchKind.Value, "FILE", "Secret that signs what the webhook is told."),
        new("--webhook-allow-internal", "Webhooks:AllowInternal", SwitchKind.Flag, "", "Lets webhooks be addresses of this machine and of private networks."),
        new("--log-level", "LogLevel", SwitchKind.Value, "LEVEL", "debug, information, warning or error (information)."),
        new("--trusted-proxy", "TrustedProxies", SwitchKind.List, "A", "Reverse proxy whose X-Forwarded-For is believed; may be repeated."),
        new("--rate-limit", "RateLimit:PerAddress", SwitchKind.Value, "N", "API requests per second and source address; 0 for no limit (100)."),
        new("--max-streams", "Limits:Streams", SwitchKind.Value, "N", "Streams published at this node at once; 0 for no limit (1000)."),
        new("--max-viewers", "Limits:Viewers", SwitchKind.Value, "N", "Viewers at this node at once; 0 for no limit (0)."),
        new("--max-viewers-per-stream", "Limits:ViewersPerStream", SwitchKind.Value, "N", "Viewers of one stream at this node at once; 0 for no limit (0)."),
        new("--max-sessions-per-address", "Limits:SessionsPerAddress", SwitchKind.Value, "N", "Sessions from one address at once; 0 for no limit (2000)."),
        new("--max-sessions-per-subject", "Limits:SessionsPerSubject", SwitchKind.Value, "N", "Sessions with tokens of one subject at once; 0 for no limit (1000)."),
        new("--busy-above", "Limits:BusyAbove", SwitchKind.Value, "SHARE", "From this share of busy time new viewers go to other nodes, or away; 0 for never (0.85)."),
        new("--publishers-busy-above", "Limits:PublishersBusyAbove", SwitchKind.Value, "SHARE", "The same for publishers (0.95)."),
        new("--public-watch", "Watch:Public", SwitchKind.Value, "BOOL", "false: watching needs a token too (true)."),
    ];

    /// <summary>The switch of this name; null when there is none.</summary>
    public static Switch? Find(string name) => All.FirstOrDefault(candidate => candidate.Name == name);
}
