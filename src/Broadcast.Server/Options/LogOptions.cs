using System.ComponentModel.DataAnnotations;

namespace Broadcast.Server.Options;

/// <summary>A log file for machines, beside the lines on the console. Configuration section <c>Broadcast:Log</c>.</summary>
public sealed class LogOptions
{
    /// <summary>File that gets one JSON object for each line; the date is put into its name. Empty: none.</summary>
    public string File { get; set; } = "";

    /// <summary>Files that are kept; a new one begins every day and at 100 MB. Defaults to 14.</summary>
    [Range(1, 10_000)]
    public int RetainedFiles { get; set; } = 14;
}
