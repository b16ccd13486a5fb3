namespace Broadcast.RelayPlane;

/// <summary>The recorder of one node, as the control plane sees it. Calls may come from any thread; a node without the role answers too.</summary>
public interface IRecordPlane
{
    /// <summary>What the node records of a stream, as the recorder or standing by; null for nothing.</summary>
    NodeRecording? Find(string streamId);

    /// <summary>Streams of which <see cref="Find"/> knows something.</summary>
    IReadOnlyCollection<string> Streams { get; }

    /// <summary>Begins to record a stream; one that is on its way to this node is waited for a few seconds.</summary>
    Task<RecordAnswer> StartAsync(string streamId, bool byPolicy);

    /// <summary>Ends the recording of a stream, also one that only stands by: whoever asks knows of no other.</summary>
    /// <returns>The recording's id; null when the stream is not recorded here.</returns>
    string? Stop(string streamId);

    /// <summary>
    /// Records beside another node, in case that dies. Named by the recording, so an order that comes late or twice does no harm: one
    /// that is over is not stood in for.
    /// </summary>
    void StandBy(string streamId, string recordingId, string nodeId, bool byPolicy);

    /// <summary>What became of a recording of this node.</summary>
    Task<RecordingFate> FateOfAsync(string recordingId);

    /// <summary>Another node has the whole of a recording that was cut short here.</summary>
    /// <returns>False to be told again later.</returns>
    Task<bool> SupersedeAsync(string recordingId, DateTimeOffset startedAt);
}

/// <summary>What a node records of a stream.</summary>
/// <param name="Id">Of the recording.</param>
/// <param name="StartedAt">By the node's clock.</param>
/// <param name="ByPolicy">The stream's rule wanted it, not a person.</param>
/// <param name="WantsStandby">Another node shall record beside it.</param>
/// <param name="StandsInFor">The recording that it shall replace if that is cut short; null for the recorder itself.</param>
/// <param name="StandsInForNode">Where that is made.</param>
public sealed record NodeRecording(string Id, DateTimeOffset StartedAt, bool ByPolicy, bool WantsStandby, string? StandsInFor, string? StandsInForNode);

/// <summary>What became of the wish to record.</summary>
/// <param name="Id">Of the recording that runs; null when there is none.</param>
/// <param name="IsNew">It was begun for this wish.</param>
/// <param name="Reason">Why there is none, in a sentence for a person.</param>
/// <param name="NotLive">Because nobody publishes the stream.</param>
public sealed record RecordAnswer(string? Id, bool IsNew, string Reason, bool NotLive);

/// <summary>What became of a recording.</summary>
public enum RecordingFate
{
    /// <summary>Nobody here has heard of it.</summary>
    Unknown,

    /// <summary>It goes on.</summary>
    Running,

    /// <summary>It came to its proper end.</summary>
    Over,

    /// <summary>Its node died, was stopped, or failed, and the stream may have gone on.</summary>
    CutShort,

    /// <summary>It ended because the publisher had left, as far as its node could see.</summary>
    Left,
}
