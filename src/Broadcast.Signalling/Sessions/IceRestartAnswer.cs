using System.Text;
using Broadcast.Media.Sessions;

namespace Broadcast.Signalling.Sessions;

/// <summary>Body of the answer to an ICE restart (RFC 9725 §4.3.3, RFC 8840 §4.4).</summary>
internal static class IceRestartAnswer
{
    /// <summary>Complete fragment: lite and options as in the SDP answer, new credentials, all candidates.</summary>
    public static string Write(IceRestart restart, string mediaLine, string mediaId)
    {
        var text = new StringBuilder(512);
        text.Append("a=ice-lite\r\na=ice-options:ice2 trickle\r\n");
        text.Append(mediaLine).Append("\r\na=mid:").Append(mediaId);
        text.Append("\r\na=ice-ufrag:").Append(restart.UsernameFragment);
        text.Append("\r\na=ice-pwd:").Append(restart.Password).Append("\r\n");
        foreach (var candidate in restart.Candidates)
            text.Append(candidate.StartsWith("candidate:", StringComparison.Ordinal) ? "a=" : "a=candidate:").Append(candidate).Append("\r\n");
        return text.Append("a=end-of-candidates\r\n").ToString();
    }
}
