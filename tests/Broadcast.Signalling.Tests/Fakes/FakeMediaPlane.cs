using Broadcast.Media.Sessions;
using Broadcast.Rtc;

namespace Broadcast.Signalling.Tests.Fakes;

/// <summary>A media plane that accepts everything unless told otherwise, and remembers what it was asked.</summary>
internal sealed class FakeMediaPlane : IMediaPlane
{
    public const string Answer = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=ice-lite\r\n";

    private readonly Dictionary<string, SessionSnapshot> _sessions = [];
    private readonly Dictionary<string, StreamSnapshot> _streams = [];
    private int _next;

    public event Action<StreamEvent>? StreamChanged;

    public event Action<SessionSnapshot>? LayerChanged;

    public event Action<SessionSnapshot>? SessionEnded;

    public SessionResult.Refused? Refusal { get; set; }

    public bool EndsAtOnce { get; set; }

    public string? LastOffer { get; private set; }

    public LayerChoiceResult ChoiceResult { get; set; } = LayerChoiceResult.Accepted;

    public (string SessionId, LayerChoice Choice)? LastChoice { get; private set; }

    public (string Id, string UsernameFragment, string Password)? LastRestart { get; private set; }

    public List<string> Closed { get; } = [];

    public IReadOnlyList<StreamSnapshot> Streams => [.. _streams.Values];

    public SessionResult Publish(string streamId, string offer, TimeSpan waited = default) => Open(SessionKind.Publisher, streamId, offer);

    /// <summary>What came with the last offer of a viewer.</summary>
    public LayerChoice? FirstChoice { get; private set; }

    public SessionResult Watch(string streamId, string offer, LayerChoice choice, TimeSpan waited = default)
    {
        FirstChoice = choice;
        return Open(SessionKind.Viewer, streamId, offer);
    }

    public IceRestart? RestartIce(string sessionId, string remoteUsernameFragment, string remotePassword)
    {
        if (!_sessions.ContainsKey(sessionId))
            return null;
        LastRestart = (sessionId, remoteUsernameFragment, remotePassword);
        return new IceRestart($"local{++_next}", "newlocalpassword0123456789", ["candidate:1 1 udp 2130706431 127.0.0.1 8181 typ host"]);
    }

    public LayerChoiceResult ChooseLayer(string sessionId, LayerChoice choice)
    {
        if (!_sessions.ContainsKey(sessionId))
            return LayerChoiceResult.UnknownSession;
        LastChoice = (sessionId, choice);
        return ChoiceResult;
    }

    public void Change(SessionSnapshot session)
    {
        _sessions[session.SessionId] = session;
        LayerChanged?.Invoke(session);
    }

    public bool Close(string sessionId)
    {
        if (!_sessions.Remove(sessionId, out var session))
            return false;
        Closed.Add(sessionId);
        SessionEnded?.Invoke(session with { State = SessionState.Ended, EndReason = "closed" });
        return true;
    }

    public StreamSnapshot? GetStream(string streamId) => _streams.GetValueOrDefault(streamId);

    public SessionSnapshot? GetSession(string sessionId) => _sessions.GetValueOrDefault(sessionId);

    public IReadOnlyList<SessionSnapshot> GetSessions(string streamId) => [.. _sessions.Values.Where(session => session.StreamId == streamId)];

    public static StreamSnapshot Stream(string streamId, bool active = true, int viewers = 0) => new(
        streamId, active, DateTimeOffset.UnixEpoch, 1, viewers,
        [
            new TrackSnapshot(MediaKind.Audio, CodecKind.Opus, 0, 0, 0, 64_000, 50, 0, 0, 0, 0),
            new TrackSnapshot(MediaKind.Video, CodecKind.Vp8, 1280, 720, 30, 2_500_000, 260, 1, 1, 2, 3),
        ]);

    /// <summary>Two encodings: one of 180p and 360p as spatial layers with two temporal layers each, one of 720p.</summary>
    public static StreamSnapshot LayeredStream(string streamId, bool best = true)
    {
        var stream = Stream(streamId);
        var video = stream.Tracks[1] with
        {
            Layers =
            [
                new LayerSnapshot("l", 0, 2, 320, 180, 30, 200_000, Active: true),
                new LayerSnapshot("l", 1, 2, 640, 360, 29.97, 700_000, Active: true),
                new LayerSnapshot("h", 0, 1, 1280, 720, best ? 30 : 0, best ? 2_500_000 : 0, best),
            ],
        };
        return stream with { Tracks = [stream.Tracks[0], video] };
    }

    public void Set(StreamSnapshot stream) => _streams[stream.StreamId] = stream;

    public void Raise(StreamEventKind kind, StreamSnapshot stream) => Raise(new StreamEvent(kind, stream));

    public void Raise(StreamEvent change)
    {
        Set(change.Stream);
        StreamChanged?.Invoke(change);
    }

    private SessionResult Open(SessionKind kind, string streamId, string offer)
    {
        LastOffer = offer;
        if (Refusal is { } refusal)
            return refusal;
        var number = ++_next;
        var id = $"session{number}";
        var session = new SessionSnapshot(
            id, streamId, kind, SessionState.New, DateTimeOffset.UnixEpoch, TimeSpan.FromSeconds(2), TimeSpan.FromMilliseconds(12.5), 0.01, 1_000, 10, 12_000, 1, "udp", null);
        _sessions[id] = session;
        if (EndsAtOnce)
            Close(id);
        return new SessionResult.Accepted(id, Answer, $"ufrag{number}");
    }
}
