using System.Security.Cryptography;

namespace Broadcast.Signalling.Sessions;

/// <summary>Knows viewers over their sessions: whose node dies goes on elsewhere as the same viewer.</summary>
public interface IViewerContinuity
{
    /// <summary>A token with which the viewer can go on at any node of the cluster.</summary>
    /// <param name="viewerId">Of the viewer.</param>
    /// <param name="streamId">What it watches.</param>
    string Issue(string viewerId, string streamId);

    /// <summary>Who the viewer was; null when the token says nothing here. It grants continuity, and no access.</summary>
    /// <param name="token">Whatever the client sent.</param>
    /// <param name="streamId">What it wants to watch.</param>
    string? Redeem(string token, string streamId);

    /// <summary>A viewer has a session from now on; its end is told by the media plane.</summary>
    /// <param name="sessionId">Of the session.</param>
    /// <param name="viewerId">Of the viewer.</param>
    void Opened(string sessionId, string viewerId);
}

/// <summary>Every session is a viewer of its own.</summary>
internal sealed class NoContinuity : IViewerContinuity
{
    public string Issue(string viewerId, string streamId) => "";

    public string? Redeem(string token, string streamId) => null;

    public void Opened(string sessionId, string viewerId)
    {
    }
}

/// <summary>Names of viewers.</summary>
internal static class ViewerId
{
    /// <summary>A name that nobody else has.</summary>
    public static string New() => RandomNumberGenerator.GetHexString(24, lowercase: true);
}
