namespace Broadcast.MediaNode.Telemetry;

/// <summary>How far a session has come since its POST.</summary>
public enum JoinStep
{
    /// <summary>DTLS is done.</summary>
    Connected,

    /// <summary>A viewer was sent, or a publisher has sent, the first media.</summary>
    Media,
}
