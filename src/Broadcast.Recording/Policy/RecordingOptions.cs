using System.ComponentModel.DataAnnotations;

namespace Broadcast.Recording.Policy;

/// <summary>What is recorded, and by what rules. Configuration section <c>Broadcast:Recording</c>.</summary>
public sealed class RecordingOptions : IValidatableObject
{
    /// <summary>Every publication is recorded.</summary>
    public const string Always = "always";

    /// <summary>What somebody asks for is recorded.</summary>
    public const string OnDemand = "on-demand";

    /// <summary>Nothing is, whoever asks.</summary>
    public const string Never = "never";

    private static readonly string[] Modes = [Always, OnDemand, Never];

    /// <summary>What is recorded where a stream has no rule of its own: <c>always</c>, <c>on-demand</c> or <c>never</c>.</summary>
    public string Mode { get; set; } = OnDemand;

    /// <summary>After which a recording ends; null for no limit. One that the rule <c>always</c> began does not begin again before the next publication.</summary>
    public TimeSpan? MaximumLength { get; set; }

    /// <summary>How long a publisher may be away before its recording ends; until then it goes on, with a gap.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00", ErrorMessage = "ReconnectPatience is at most a day.")]
    public TimeSpan ReconnectPatience { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a file is before the next keyframe begins another one.</summary>
    /// <remarks>What a damaged disk takes, and what must be repaired after a crash, is one file.</remarks>
    [Range(typeof(TimeSpan), "00:00:10", "06:00:00", ErrorMessage = "SegmentLength is between ten seconds and six hours.")]
    public TimeSpan SegmentLength { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Recordings of a node at once; more are refused. 50 of 2.5 Mbit/s were measured to fit on two cores.</summary>
    [Range(1, 10_000)]
    public int MaximumAtOnce { get; set; } = 200;

    /// <summary>In a cluster another node with the role <c>recorder</c> records beside this one, and takes its place if it dies.</summary>
    /// <remarks>Costs the stream's way to that node, and its disk as long as the recording runs.</remarks>
    public bool Standby { get; set; } = true;

    /// <summary>Rules for streams by name.</summary>
    public IDictionary<string, StreamRecordingOptions> Streams { get; } = new Dictionary<string, StreamRecordingOptions>(StringComparer.Ordinal);

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!Modes.Contains(Mode)) yield return new ValidationResult(WrongMode("Mode", Mode));
        if (MaximumLength <= TimeSpan.Zero) yield return new ValidationResult("MaximumLength is more than nothing, such as 04:00:00 for four hours.");
        foreach (var (stream, rule) in Streams)
        {
            if (rule.Mode is { } mode && !Modes.Contains(mode)) yield return new ValidationResult(WrongMode($"Streams:{stream}:Mode", mode));
            if (rule.MaximumLength <= TimeSpan.Zero) yield return new ValidationResult($"Streams:{stream}:MaximumLength is more than nothing.");
            if (rule.ReconnectPatience < TimeSpan.Zero) yield return new ValidationResult($"Streams:{stream}:ReconnectPatience is not negative.");
        }
    }

    /// <summary>The mode of a stream.</summary>
    public string ModeOf(string streamId) => (Streams.TryGetValue(streamId, out var rule) ? rule.Mode : null) ?? Mode;

    /// <summary>The rules of a stream.</summary>
    internal RecordingRules RulesOf(string streamId)
    {
        Streams.TryGetValue(streamId, out var rule);
        return new RecordingRules(SegmentLength, rule?.MaximumLength ?? MaximumLength, rule?.ReconnectPatience ?? ReconnectPatience);
    }

    private static string WrongMode(string key, string mode) => $"{key} \"{mode}\" is none of {string.Join(", ", Modes)}.";
}

/// <summary>What is different for one stream; null: as for all.</summary>
public sealed class StreamRecordingOptions
{
    /// <summary><c>always</c>, <c>on-demand</c> or <c>never</c>.</summary>
    public string? Mode { get; set; }

    /// <summary>After which its recording ends.</summary>
    public TimeSpan? MaximumLength { get; set; }

    /// <summary>How long its publisher may be away.</summary>
    public TimeSpan? ReconnectPatience { get; set; }
}
