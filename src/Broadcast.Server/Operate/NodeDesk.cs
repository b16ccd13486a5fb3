using Broadcast.Media.Sessions;
using Broadcast.MediaNode;
using Broadcast.RelayPlane;
using Broadcast.Rtc;
using Broadcast.Signalling.Operate;
using Broadcast.Signalling.Operate.Figures;
using Broadcast.Signalling.Sessions;
using Broadcast.Vod.Recordings;

namespace Broadcast.Server.Operate;

/// <summary>Answers for this node what operators' pages ask, wherever they are served. Thread-safe.</summary>
internal sealed class NodeDesk(MediaPlane media, SessionViews sessions, IRecorder recorder, RefusedSessions refused, EventLog events, FigureHistory history)
{
    private const int MaxPage = 200;

    private readonly IRelayPlane _relay = media;

    /// <summary>The node's streams, counters and events.</summary>
    public NodeReport Report(long eventsAfter) =>
        new([.. Streams()], refused.Total, media.Keyframes.Asked, events.After(eventsAfter), media.Links.Takeovers);

    /// <summary>All streams that are here or are watched here.</summary>
    public IEnumerable<StreamFigures> Streams()
    {
        var recordings = recorder.Active.Where(active => active.Node is null).ToLookup(active => active.StreamId);
        foreach (var stream in media.Streams)
        {
            if (_relay.Find(stream.StreamId) is { } carried)
                yield return Of(stream, carried, recordings[stream.StreamId].FirstOrDefault()?.Id.ToString());
        }
    }

    /// <summary>Some of a stream's sessions.</summary>
    public SessionPage Sessions(string streamId, int skip, int take) => sessions.Page(streamId, Math.Max(0, skip), Math.Clamp(take, 0, MaxPage));

    /// <summary>The last minutes.</summary>
    public PastFigures Past(string subject) => history.Of(subject);

    /// <summary>Ends a session.</summary>
    public bool End(string sessionId) => sessions.End(sessionId);

    /// <summary>Answers a question of another node.</summary>
    public Task<byte[]> AnswerAsync(byte[] question) => Task.FromResult(QuestionCodec.Read<Question>(question) switch
    {
        { Kind: QuestionKind.Report } asked => QuestionCodec.Write(Report(asked.Number)),
        { Kind: QuestionKind.Sessions } asked => QuestionCodec.Write(Sessions(asked.Text, (int)Math.Clamp(asked.Number, 0, int.MaxValue), (int)Math.Clamp(asked.Take, 0, MaxPage))),
        { Kind: QuestionKind.Past } asked => QuestionCodec.Write(Past(asked.Text)),
        { Kind: QuestionKind.End } asked => End(asked.Text) ? [1] : [],
        { Kind: QuestionKind.Ban } asked => Ban(asked),
        _ => [],
    });

    private byte[] Ban(Question asked)
    {
        sessions.KeepOut(asked.Bans);
        return [1];
    }

    private static StreamFigures Of(StreamSnapshot stream, CarriedStream carried, string? recording) => new(
        stream.StreamId,
        carried.IsRoot,
        stream.Active,
        carried.ParentNodeId,
        carried.StandbyNodeId,
        carried.NextParentNodeId,
        carried.Path.Count,
        stream.Viewers,
        carried.Children,
        carried.Sessions,
        (long)carried.ReceivedBitsPerSecond,
        carried.FractionLost,
        carried.RoundTrip?.TotalMilliseconds ?? -1,
        stream.Tracks.Sum(track => track.PacketsLost),
        stream.Tracks.Sum(track => track.PacketsRepaired),
        stream.Tracks.Sum(track => track.KeyframeRequests),
        stream.Tracks.Sum(track => track.Keyframes),
        string.Join(", ", stream.Tracks.Select(Describe)),
        string.Join(' ', stream.Tracks.SelectMany(track => track.Layers).Where(layer => layer.Active).Select(NameOf).Distinct()),
        recording,
        stream.StartedAt?.ToUnixTimeMilliseconds() ?? 0);

    private static string Describe(TrackSnapshot track) =>
        track.Height > 0 ? $"{track.Codec.RtpMapName()} {track.Width} × {track.Height}" : track.Codec.RtpMapName();

    private static string NameOf(LayerSnapshot layer) => layer.Height > 0 ? $"{layer.Height}p" : layer.Rid;
}
