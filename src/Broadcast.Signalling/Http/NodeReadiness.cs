namespace Broadcast.Signalling.Http;

/// <summary>Whether this node can take viewers now. Safe to use from any thread.</summary>
public sealed class NodeReadiness
{
    private volatile bool _ready;

    /// <summary>True between a complete start and the beginning of the stop.</summary>
    public bool IsReady
    {
        get => _ready;
        set => _ready = value;
    }
}
