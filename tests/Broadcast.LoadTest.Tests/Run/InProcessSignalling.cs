using Broadcast.Client.Signalling;
using Broadcast.Media.Sessions;

namespace Broadcast.LoadTest.Tests.Run;

/// <summary>Hands offers straight to a media plane, without HTTP.</summary>
internal sealed class InProcessSignalling(IMediaPlane plane) : ISignalling
{
    public Task<SignalledSession> JoinAsync(string stream, LocalDescription local, CancellationToken cancellation)
    {
        var offer = OfferWriter.Write(local);
        var result = local.Sends ? plane.Publish(stream, offer) : plane.Watch(stream, offer);
        if (result is not SessionResult.Accepted accepted) throw new SignallingException(result.ToString());
        return Task.FromResult(new SignalledSession(RemoteDescription.Parse(accepted.Answer), ThisEndOffered: true, _ =>
        {
            plane.Close(accepted.SessionId);
            return Task.CompletedTask;
        }));
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
