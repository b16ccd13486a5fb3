using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Broadcast.Recording.Finishing;

namespace Broadcast.Server.Doctor;

/// <summary>Is there an FFmpeg that finishes and exports recordings?</summary>
internal static partial class FfmpegCheck
{
    private const string Name = "ffmpeg";
    private const int OldestMajor = 5;
    private static readonly string[] Needed = ["libvpx-vp9", "libopus"];
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public static async Task<IReadOnlyList<Finding>> RunAsync(FfmpegWorkshopOptions options, bool records)
    {
        var ffmpeg = options.Ffmpeg ?? "ffmpeg";
        var ffprobe = Path.GetDirectoryName(ffmpeg) is { Length: > 0 } folder ? Path.Combine(folder, "ffprobe") : "ffprobe";
        var findings = new List<Finding>();
        foreach (var (check, program) in new[] { (Name, ffmpeg), ("ffprobe", ffprobe) })
        {
            if (await OutputAsync(program, "-version") is not { } text)
            {
                var sentence = $"{program} does not run. Install FFmpeg {OldestMajor} or later (Debian: ffmpeg); without it recordings are not finished.";
                findings.Add(records ? Finding.Fail(check, sentence) : Finding.Warn(check, sentence));
                continue;
            }

            findings.Add(Version(check, text));
        }

        if (findings[0].Verdict == Verdict.Ok && await OutputAsync(ffmpeg, "-hide_banner", "-encoders") is { } encoders)
            findings.Add(Encoders(encoders));
        return findings;
    }

    internal static Finding Version(string check, string text)
    {
        var match = Number().Match(text);
        // Builds from the repository are called N-12345-g…, and are newer than any release that is too old.
        if (!match.Success) return Finding.Ok(check, text.Split('\n')[0]);
        return int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) >= OldestMajor
            ? Finding.Ok(check, $"version {match.Value.Split(' ')[1]}")
            : Finding.Fail(check, $"version {match.Value.Split(' ')[1]} is too old; {OldestMajor}.0 or later is needed.");
    }

    internal static Finding Encoders(string list)
    {
        const string Check = "ffmpeg encoders";
        var names = list.Split('\n').Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Where(words => words.Length > 1).Select(words => words[1]).ToHashSet();
        var missing = Needed.Where(name => !names.Contains(name)).ToList();
        if (missing.Count > 0) return Finding.Warn(Check, $"{string.Join(" and ", missing)} missing: exports in that format fail. Install an FFmpeg with libvpx and libopus.");
        return Finding.Ok(Check, names.Contains("libsvtav1") || names.Contains("libaom-av1") ? "VP9, Opus and AV1" : "VP9 and Opus; no AV1, which is needed for AV1 exports only");
    }

    private static async Task<string?> OutputAsync(string program, params string[] args)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, args) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            using var limit = new CancellationTokenSource(Patience);
            try
            {
                var errors = process.StandardError.ReadToEndAsync(limit.Token);
                var output = await process.StandardOutput.ReadToEndAsync(limit.Token);
                await errors;
                await process.WaitForExitAsync(limit.Token);
                return process.ExitCode == 0 ? output : null;
            }
            catch (OperationCanceledException)
            {
                process.Kill();
                return null;
            }
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    [GeneratedRegex(@"version n?(\d+)[0-9.]*")]
    private static partial Regex Number();
}
