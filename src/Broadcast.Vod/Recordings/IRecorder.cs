namespace Broadcast.Vod.Recordings;

/// <summary>Starts and stops recordings of live streams. Thread-safe; in a cluster it speaks for whichever node records.</summary>
public interface IRecorder
{
    /// <summary>Recordings that are running, as far as this node knows.</summary>
    IReadOnlyList<ActiveRecording> Active { get; }

    /// <summary>Begins to record a stream because somebody asked for it.</summary>
    /// <param name="streamId">A validated stream name.</param>
    /// <param name="cancellation">To give up waiting.</param>
    ValueTask<RecordingStart> StartAsync(string streamId, CancellationToken cancellation);

    /// <summary>Ends the recording of a stream; its <see cref="RecordingEnded"/> may come a little later.</summary>
    /// <param name="streamId">A validated stream name.</param>
    /// <param name="cancellation">To give up waiting.</param>
    /// <returns>What was ended; null when the stream was not recorded.</returns>
    ValueTask<RecordingId?> StopAsync(string streamId, CancellationToken cancellation);

    /// <summary>The recording of a stream that is running, on whatever node; null for none.</summary>
    /// <param name="streamId">A validated stream name.</param>
    /// <param name="cancellation">To give up waiting.</param>
    ValueTask<ActiveRecording?> FindAsync(string streamId, CancellationToken cancellation) => new(Active.FirstOrDefault(each => each.StreamId == streamId));
}

/// <summary>A recording that is running.</summary>
/// <param name="Id">Of it.</param>
/// <param name="StreamId">What is recorded.</param>
/// <param name="StartedAt">By the recorder's clock.</param>
/// <param name="Trigger">Who wanted it.</param>
public sealed record ActiveRecording(RecordingId Id, string StreamId, DateTimeOffset StartedAt, RecordingTrigger Trigger)
{
    /// <summary>Why nothing is written now, in a sentence for an operator; null while all is well.</summary>
    public string? Problem { get; init; }

    /// <summary>Who records; null for this node.</summary>
    public string? Node { get; init; }
}

/// <summary>What became of the wish to record.</summary>
public abstract record RecordingStart
{
    private RecordingStart()
    {
    }

    /// <summary>It is recorded from now on.</summary>
    public sealed record Started(RecordingId Id) : RecordingStart;

    /// <summary>It was recorded already, and is.</summary>
    public sealed record AlreadyRunning(RecordingId Id) : RecordingStart;

    /// <summary>It cannot be recorded.</summary>
    /// <param name="Reason">A sentence for a person.</param>
    /// <param name="NotLive">True when the stream has no publisher now.</param>
    public sealed record Refused(string Reason, bool NotLive = false) : RecordingStart;
}

/// <summary>The recorder of a node that has none.</summary>
internal sealed class NoRecorder : IRecorder
{
    public IReadOnlyList<ActiveRecording> Active => [];

    public ValueTask<RecordingStart> StartAsync(string streamId, CancellationToken cancellation) =>
        new(new RecordingStart.Refused("This node does not record. It needs the role \"recorder\"."));

    public ValueTask<RecordingId?> StopAsync(string streamId, CancellationToken cancellation) => new((RecordingId?)null);
}
