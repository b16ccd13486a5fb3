using Broadcast.Media.Sessions;

namespace Broadcast.Server.Hosting;

/// <summary>Stands where the media plane will: refuses every session and says so.</summary>
internal sealed class NoMediaPlane : IMediaPlane
{
    private static readonly SessionResult Refusal =
        new SessionResult.Refused(SessionRefusal.AtCapacity, "This build has no media plane: nothing can be published or watched.");

    public event Action<StreamEvent>? StreamChanged
    {
        add { }
        remove { }
    }

    public event Action<SessionSnapshot>? SessionEnded
    {
        add { }
        remove { }
    }

    public IReadOnlyList<StreamSnapshot> Streams => [];

    public SessionResult Publish(string streamId, string offer) => Refusal;

    public SessionResult Watch(string streamId, string offer) => Refusal;

    public IceRestart? RestartIce(string sessionId, string remoteUsernameFragment, string remotePassword) => null;

    public bool Close(string sessionId) => false;

    public StreamSnapshot? GetStream(string streamId) => null;

    public SessionSnapshot? GetSession(string sessionId) => null;

    public IReadOnlyList<SessionSnapshot> GetSessions(string streamId) => [];
}
