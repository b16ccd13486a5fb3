namespace Broadcast.Media.Routing;

/// <summary>What receives media of a stream on an engine: a publisher's session, or a link to another node.</summary>
public interface INewsSource
{
    /// <summary>The stream it feeds.</summary>
    LiveStream Stream { get; }

    /// <summary>True once after each batch that brought media.</summary>
    bool TakeHasNews();
}
