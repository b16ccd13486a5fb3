using Broadcast.Media.Sessions;

namespace Broadcast.Server.Hosting;

/// <summary>Writes to the log when a stream begins and ends. Joins of viewers are too many to be lines; they are counted.</summary>
internal sealed partial class StreamLog : IDisposable
{
    private readonly IMediaPlane _media;
    private readonly ILogger<StreamLog> _log;

    public StreamLog(IMediaPlane media, ILogger<StreamLog> log)
    {
        _media = media;
        _log = log;
        _media.StreamChanged += OnStreamChanged;
        _media.SessionEnded += OnSessionEnded;
    }

    public void Dispose()
    {
        _media.StreamChanged -= OnStreamChanged;
        _media.SessionEnded -= OnSessionEnded;
    }

    private void OnStreamChanged(StreamEvent change)
    {
        if (change.Kind == StreamEventKind.Active)
            Live(_log, change.Stream.StreamId, change.Stream.Epoch, change.Stream.Viewers);
        else if (change.Kind == StreamEventKind.Inactive)
            NotLive(_log, change.Stream.StreamId, change.Stream.Viewers);
    }

    private void OnSessionEnded(SessionSnapshot session)
    {
        if (session.Kind == SessionKind.Publisher)
            PublisherLeft(_log, session.StreamId, (long)session.ConnectedFor.TotalSeconds, session.EndReason ?? "");
    }

    [LoggerMessage(110, LogLevel.Information, "Stream {StreamId} is live, publication {Epoch}, {Viewers} viewers")]
    private static partial void Live(ILogger logger, string streamId, int epoch, int viewers);

    [LoggerMessage(111, LogLevel.Information, "Stream {StreamId} is not live any more, {Viewers} viewers wait")]
    private static partial void NotLive(ILogger logger, string streamId, int viewers);

    [LoggerMessage(112, LogLevel.Information, "The publisher of {StreamId} left after {Seconds} s: {EndReason}")]
    private static partial void PublisherLeft(ILogger logger, string streamId, long seconds, string endReason);
}
