using Broadcast.Client.Signalling;

namespace Broadcast.Client.Connections;

/// <summary>Ends opened sessions.</summary>
internal static class Leaving
{
    /// <summary>Tells the server, then frees the transport.</summary>
    public static async Task EndAsync(SessionOpener.Opened opened, CancellationToken cancellation)
    {
        try
        {
            await opened.Signalled.LeaveAsync(cancellation);
        }
        catch (Exception failure) when (failure is HttpRequestException or TaskCanceledException or SignallingException)
        {
            // The close_notify below also tells.
        }

        opened.Peer.Loop.Post(loop => loop.Remove(opened.Peer));
    }
}
