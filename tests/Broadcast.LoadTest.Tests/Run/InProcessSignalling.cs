using Broadcast.Client.Signalling;
using Broadcast.Media.Sessions;

namespace Broadcast.LoadTest.Tests.Run;

/// <summary>Hands offers straight to a media plane, without HTTP. Answers can be rewritten, to lead media another way.</summary>
internal sealed class InProcessSignalling(IMediaPlane plane, Func<string, string>? rewrite = null) : ISignalling
{
    public Task<SignalledSession> JoinAsync(string stream, LocalDescription local, CancellationToken cancellation)
    {
        var offer = OfferWriter.Write(local);
        var result = local.Sends ? plane.Publish(stream, offer) : plane.Watch(stream, offer, LayerChoice.Automatic);
        if (result is not SessionResult.Accepted accepted) throw new SignallingException(result.ToString());
        return Task.FromResult(new SignalledSession(RemoteDescription.Parse(rewrite is null ? accepted.Answer : rewrite(accepted.Answer)), ThisEndOffered: true, _ =>
        {
            plane.Close(accepted.SessionId);
            return Task.CompletedTask;
        })
        {
            // Not JSON here, but the RID itself.
            ChooseLayerAsync = (rid, _) => plane.ChooseLayer(accepted.SessionId, new LayerChoice { Rid = rid }) == LayerChoiceResult.Accepted
                ? Task.CompletedTask
                : throw new SignallingException($"There is no {rid}."),
        });
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
