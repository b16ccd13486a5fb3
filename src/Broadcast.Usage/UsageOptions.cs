using System.ComponentModel.DataAnnotations;

namespace Broadcast.Usage;

/// <summary>Records of who used how much. Configuration section <c>Broadcast:Usage</c>.</summary>
public sealed class UsageOptions : IValidatableObject
{
    /// <summary>Keeps records; false: none, and there is nothing to read.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Where they lie; empty stands for <c>usage</c> in the data folder. Each node needs its own.</summary>
    public string Folder { get; set; } = "";

    /// <summary>Files whose newest record is older than this are deleted; null: none.</summary>
    public TimeSpan? MaxAge { get; set; } = TimeSpan.FromDays(400);

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (MaxAge <= TimeSpan.Zero) yield return new ValidationResult("MaxAge is more than nothing, such as 400.00:00:00 for four hundred days.");
    }
}
