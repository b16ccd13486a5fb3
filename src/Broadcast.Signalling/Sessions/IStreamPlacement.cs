using Broadcast.Media.Sessions;

namespace Broadcast.Signalling.Sessions;

/// <summary>Knows which node serves a session; in a cluster it brings a stream to this one first, or takes it over for a publisher.</summary>
public interface IStreamPlacement
{
    /// <summary>Decides about a request before its offer is looked at.</summary>
    /// <param name="kind">Publisher or viewer.</param>
    /// <param name="streamId">A validated stream name.</param>
    /// <param name="redirected">Another node has sent the client here.</param>
    /// <param name="cancellation">Of the request.</param>
    ValueTask<StreamPlacement> PlaceAsync(SessionKind kind, string streamId, bool redirected, CancellationToken cancellation);

    /// <summary>Another node that has room for a session when this one has none; null when there is none, or it has no address.</summary>
    /// <param name="kind">Publisher or viewer.</param>
    /// <param name="cancellation">Of the request.</param>
    ValueTask<Uri?> FindRoomAsync(SessionKind kind, CancellationToken cancellation) => new((Uri?)null);

    /// <summary>Other nodes that could serve a session if this one died, the likeliest first; asked for with every session, so it must not wait.</summary>
    /// <param name="kind">Publisher or viewer.</param>
    IReadOnlyList<Uri> Alternates(SessionKind kind) => [];
}

/// <summary>Where a session is served.</summary>
public abstract record StreamPlacement
{
    /// <summary>On this node; the media plane knows of the stream what there is to know.</summary>
    public static readonly StreamPlacement Here = new OnThisNode();

    private StreamPlacement()
    {
    }

    /// <summary>On another node: 307.</summary>
    /// <param name="Node">Its absolute address, without a path.</param>
    public sealed record Elsewhere(Uri Node) : StreamPlacement;

    /// <summary>Nowhere now.</summary>
    /// <param name="Reason">409 when nobody publishes, 503 when it could be served later.</param>
    /// <param name="Detail">A sentence for a person.</param>
    /// <param name="RetryAfter">When to come again.</param>
    public sealed record Refused(SessionRefusal Reason, string Detail, TimeSpan RetryAfter) : StreamPlacement;

    private sealed record OnThisNode : StreamPlacement;
}

/// <summary>One node alone serves everything itself.</summary>
internal sealed class ServeHere : IStreamPlacement
{
    public ValueTask<StreamPlacement> PlaceAsync(SessionKind kind, string streamId, bool redirected, CancellationToken cancellation) => new(StreamPlacement.Here);
}
