using System.Net;
using Broadcast.Signalling.Auth;

namespace Broadcast.Signalling.Webhooks;

/// <summary>An address that is told of events; all that are registered are.</summary>
/// <param name="Url">http or https.</param>
/// <param name="Secret">Signs what it is told; empty: not signed.</param>
/// <param name="Events">Patterns of events; none stands for all.</param>
public sealed record WebhookTarget(Uri Url, Secret Secret, IReadOnlyList<string> Events)
{
    /// <summary>The address as operators see it: what may be secret in it is left out.</summary>
    public string Name { get; } = Url.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);

    /// <summary>True for events that it wants to be told.</summary>
    public bool Wants(string name) => Events.Count == 0 || Events.Any(pattern => EventPattern.Matches(pattern, name));

    /// <summary>True when nothing about the two differs.</summary>
    internal bool IsSame(WebhookTarget other) => Url == other.Url && Secret.Reveal() == other.Secret.Reveal() && Events.SequenceEqual(other.Events);

    /// <summary>Reads the secret of a target.</summary>
    /// <param name="file">Its file; empty for none.</param>
    /// <param name="key">Of the configuration, for the sentence.</param>
    /// <exception cref="InvalidDataException">It cannot be read.</exception>
    public static Secret ReadSecret(string file, string key)
    {
        if (file.Length == 0) return default;
        try
        {
            return new Secret(File.ReadAllText(file).Trim());
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new InvalidDataException($"{key}: {file} cannot be read: {exception.Message}");
        }
    }

    /// <summary>Refuses at start what would be refused at every delivery. Names are looked at when they are connected to.</summary>
    /// <exception cref="InvalidDataException">The address is written as one of this machine or of a private network.</exception>
    internal void Check(bool allowInternal)
    {
        if (allowInternal) return;
        var host = Url.IdnHost.TrimEnd('.');
        var isLocal = host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase);
        if (isLocal || (IPAddress.TryParse(host, out var address) && !PublicAddress.IsPublic(address)))
            throw new InvalidDataException($"The webhook {Name} is an address of this machine or of a private network. Set Broadcast:Webhooks:AllowInternal (--webhook-allow-internal) if that is meant.");
    }
}
