using System.ComponentModel.DataAnnotations;

namespace Broadcast.Signalling.Webhooks;

/// <summary>Who is told by POST of what happens. Configuration section <c>Broadcast:Webhooks</c>.</summary>
public sealed class WebhookOptions : IValidatableObject
{
    /// <summary>The addresses.</summary>
    public IList<WebhookTargetOptions> Targets { get; } = [];

    /// <summary>Lets targets be addresses of this machine and of private networks.</summary>
    /// <remarks>Off, because who may write the configuration is not always who may reach what stands behind the firewall.</remarks>
    public bool AllowInternal { get; set; }

    /// <summary>Deliveries that were given up and are kept to be seen and sent again; the oldest go first.</summary>
    [Range(0, 100_000)]
    public int DeadLetters { get; set; } = 1000;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var target in Targets)
        {
            if (!Uri.TryCreate(target.Url, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
                yield return new ValidationResult($"Targets: \"{target.Url}\" is no address such as https://example.org/hook.");
            if (target.Events.FirstOrDefault(pattern => !EventPattern.IsValid(pattern)) is { } wrong)
                yield return new ValidationResult($"Targets: \"{wrong}\" is no event, and no beginning of one such as \"stream.*\".");
        }
    }
}

/// <summary>One address.</summary>
public sealed class WebhookTargetOptions
{
    /// <summary>http or https.</summary>
    public string Url { get; set; } = "";

    /// <summary>What it is told: names of events, or "stream.*"; empty stands for everything.</summary>
    public IList<string> Events { get; } = [];

    /// <summary>File with the secret that signs what it is told; empty: not signed.</summary>
    public string SecretFile { get; set; } = "";
}
