using System.Collections.Frozen;
using System.ComponentModel;
using System.Text.RegularExpressions;
using Broadcast.Vod.Jobs;
using Instances;
using Instances.Exceptions;

namespace Broadcast.Recording.Finishing;

/// <summary>The FFmpeg of this machine: where it is and what it can do.</summary>
public sealed partial class FfmpegTools
{
    /// <summary>Older ones were never tried, and lack what the lines here use.</summary>
    public static readonly Version Oldest = new(5, 0);

    private static readonly string[] Av1Encoders = ["libsvtav1", "libaom-av1"];

    private FfmpegTools(string ffmpeg, string ffprobe, Version? version, FrozenSet<string> encoders)
    {
        Ffmpeg = ffmpeg;
        Ffprobe = ffprobe;
        Version = version;
        Encoders = encoders;
    }

    /// <summary>Path of ffmpeg.</summary>
    public string Ffmpeg { get; }

    /// <summary>Path of ffprobe.</summary>
    public string Ffprobe { get; }

    /// <summary>Null for one built from a state between two versions, which has no number.</summary>
    public Version? Version { get; }

    /// <summary>Names of its encoders.</summary>
    public IReadOnlySet<string> Encoders { get; }

    /// <summary>The encoder for AV1; null for none.</summary>
    public string? Av1Encoder => Av1Encoders.FirstOrDefault(Encoders.Contains);

    /// <summary>The encoder for VP9; null for none.</summary>
    public string? Vp9Encoder => Encoders.Contains("libvpx-vp9") ? "libvpx-vp9" : null;

    /// <summary>The option that lets frames keep their times: renamed in version 5.1.</summary>
    internal string FrameTimesOption => Version is { } version && version < new Version(5, 1) ? "-vsync" : "-fps_mode";

    /// <summary>Finds FFmpeg and asks it what it can do.</summary>
    /// <param name="options">Where to look.</param>
    /// <param name="cancellation">To give up.</param>
    /// <exception cref="WorkshopException">It is missing, too old, or not FFmpeg.</exception>
    public static async Task<FfmpegTools> FindAsync(FfmpegWorkshopOptions options, CancellationToken cancellation)
    {
        var ffmpeg = options.Ffmpeg ?? Search("ffmpeg");
        var ffprobe = options.Ffmpeg is null ? Search("ffprobe") : Path.Combine(Path.GetDirectoryName(options.Ffmpeg) ?? "", "ffprobe");
        if (!File.Exists(ffmpeg)) throw new WorkshopException($"FFmpeg is missing ({ffmpeg ?? "not in the PATH"}): install it, or name its path.");
        if (!File.Exists(ffprobe)) throw new WorkshopException($"ffprobe is missing ({ffprobe ?? "not in the PATH"}): it comes with FFmpeg.");

        var version = ParseVersion(await AskAsync(ffmpeg, "-version", options, cancellation));
        var encoders = EncoderLine().Matches(await AskAsync(ffmpeg, "-encoders", options, cancellation)).Select(m => m.Groups[1].Value);
        return new FfmpegTools(ffmpeg, ffprobe, version, encoders.ToFrozenSet(StringComparer.Ordinal));
    }

    /// <summary>Reads what <c>ffmpeg -version</c> says.</summary>
    /// <exception cref="WorkshopException">It is too old, or not FFmpeg.</exception>
    internal static Version? ParseVersion(string told)
    {
        if (!told.StartsWith("ffmpeg version ", StringComparison.Ordinal)) throw new WorkshopException("What should be FFmpeg does not say so.");
        if (VersionLine().Match(told) is not { Success: true } match) return null;
        var version = new Version(int.Parse(match.Groups[1].ValueSpan, null), int.Parse(match.Groups[2].ValueSpan, null));
        return version >= Oldest ? version : throw new WorkshopException($"FFmpeg {version} is too old: {Oldest} or later is needed.");
    }

    private static async Task<string> AskAsync(string ffmpeg, string question, FfmpegWorkshopOptions options, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(options.StallTimeout);
        try
        {
            var told = await Instance.FinishAsync(ffmpeg, $"-hide_banner {question}", patience.Token);
            cancellation.ThrowIfCancellationRequested();
            if (told.ExitCode == 0) return string.Join('\n', told.OutputData);
            throw new WorkshopException($"FFmpeg ({ffmpeg}) does not run: {(told.ErrorData is [.., var last] ? last : $"it ended with code {told.ExitCode}")}");
        }
        catch (Exception e) when (e is InstanceException or Win32Exception)
        {
            throw new WorkshopException($"FFmpeg ({ffmpeg}) does not start: {e.Message}", e);
        }
    }

    private static string? Search(string name) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Select(folder => Path.Combine(folder, name))
        .FirstOrDefault(File.Exists);

    [GeneratedRegex(@"^ffmpeg version n?(\d+)\.(\d+)")]
    private static partial Regex VersionLine();

    [GeneratedRegex(@"^ [VAS][F.][S.][X.][B.][D.] ([\w-]+) ", RegexOptions.Multiline)]
    private static partial Regex EncoderLine();
}
