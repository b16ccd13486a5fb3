using Broadcast.Signalling.Auth;

namespace Broadcast.Server.Commands;

/// <summary>Where the node's own token key is when the configuration does not say.</summary>
internal static class NodeKey
{
    public static void Locate(AuthOptions auth, string dataFolder)
    {
        if (string.IsNullOrEmpty(auth.Secret) && string.IsNullOrEmpty(auth.SecretFile))
            auth.SecretFile = Path.Combine(dataFolder, "token.key");
    }
}
