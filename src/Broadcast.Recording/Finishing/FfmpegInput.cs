using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using FFMpegCore;

namespace Broadcast.Recording.Finishing;

/// <summary>What FFmpeg is given: files of this machine and of known formats, and texts that strangers chose.</summary>
internal static partial class FfmpegInput
{
    /// <summary>Longest text of a tag or a chapter.</summary>
    private const int MaximumText = 500;

    /// <summary>A file that claims to be a playlist would otherwise make FFmpeg open what it names.</summary>
    private static readonly string[] Restricted = ["-protocol_whitelist", "file", "-format_whitelist", "matroska,webm,mov,mp4,concat"];

    /// <summary>What <see cref="Restricted"/> says, for ffprobe, whose times FFMpegCore would otherwise have with minutes and hours.</summary>
    public static string ForProbe(params IEnumerable<string> arguments) => Line([.. Restricted, "-nosexagesimal", .. arguments]);

    /// <summary>Begins with a media file.</summary>
    /// <param name="path">Of it.</param>
    /// <param name="before">Options for reading it.</param>
    public static FFMpegArguments From(string path, params string[] before) => Begin(path, [.. before, .. Restricted]);

    /// <summary>Begins with a list that <see cref="ConcatList"/> made.</summary>
    /// <param name="path">Of it.</param>
    /// <param name="before">Options for reading it.</param>
    public static FFMpegArguments FromList(string path, params string[] before) => Begin(path, [.. before, .. Restricted, "-f", "concat", "-safe", "0"]);

    /// <summary>Adds tags and chapters that <see cref="Metadata"/> made.</summary>
    /// <remarks>Not FFMpegCore's own metadata, which would stand unquoted in a file beside others' temporary files.</remarks>
    public static FFMpegArguments AndMetadata(this FFMpegArguments inputs, string path) =>
        inputs.AddFileInput(InQuotes(Url(path)), verifyExists: false, o => o.WithCustomArgument("-protocol_whitelist file -f ffmetadata"));

    /// <summary>Adds what FFmpeg makes up itself.</summary>
    public static FFMpegArguments AndGenerated(this FFMpegArguments inputs, string filter, params string[] before) =>
        inputs.AddFileInput(InQuotes(filter), verifyExists: false, o => o.WithCustomArgument(Line([.. before, "-f", "lavfi"])));

    /// <summary>Ends with an output.</summary>
    public static FFMpegArgumentProcessor To(this FFMpegArguments inputs, string path, IEnumerable<string> arguments) => inputs.ToUrl(Url(path), arguments);

    /// <summary>Ends with an output that <see cref="Url"/> begins.</summary>
    public static FFMpegArgumentProcessor ToUrl(this FFMpegArguments inputs, string url, IEnumerable<string> arguments) =>
        inputs.OutputToFile(InQuotes(url), overwrite: true, o => o.WithCustomArgument(Line(arguments)));

    /// <summary>Ends with one of several outputs.</summary>
    public static FFMpegMultiOutputOptions And(this FFMpegMultiOutputOptions outputs, string path, IEnumerable<string> arguments) =>
        outputs.OutputToFile(InQuotes(Url(path)), overwrite: true, o => o.WithCustomArgument(Line(arguments)));

    /// <summary>A text as it stands between quotes in a line of arguments, from which .NET takes it out again.</summary>
    public static string InQuotes(string text) =>
        QuoteOrEnd().Replace(text, m => m.Groups[1].Value + m.Groups[1].Value + (m.Groups[2].Length > 0 ? "\\\"" : ""));

    /// <summary>A path that is taken for nothing else: not for an option, nor for a protocol.</summary>
    public static string Url(string path) => "file:" + Path.GetFullPath(path);

    /// <summary>A time as FFmpeg reads it.</summary>
    public static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("F6", CultureInfo.InvariantCulture);

    /// <summary>A list for the concat demuxer.</summary>
    /// <param name="entries">Files with the time from their first packet to that of the next file; null for the last.</param>
    public static string ConcatList(IEnumerable<(string Path, TimeSpan? Duration)> entries)
    {
        var list = new StringBuilder("ffconcat version 1.0\n");
        foreach (var (path, duration) in entries)
        {
            // Inside quotes everything stands for itself; a quote is written outside of them.
            list.Append(CultureInfo.InvariantCulture, $"file '{Url(path).Replace("'", @"'\''", StringComparison.Ordinal)}'\n");
            if (duration is { } span) list.Append(CultureInfo.InvariantCulture, $"duration {Seconds(span)}\n");
        }

        return list.ToString();
    }

    /// <summary>Tags and chapters in FFmpeg's metadata format.</summary>
    /// <param name="title">Chosen by a stranger.</param>
    /// <param name="date">When it was recorded; null for unknown.</param>
    /// <param name="duration">Where the last chapter ends.</param>
    /// <param name="chapters">Where they begin, in order, with names that a stranger may have chosen.</param>
    public static string Metadata(string title, DateTimeOffset? date, TimeSpan duration, IReadOnlyList<(TimeSpan At, string Name)> chapters)
    {
        var text = new StringBuilder(";FFMETADATA1\n");
        text.Append(CultureInfo.InvariantCulture, $"title={Escape(title)}\n");
        if (date is { } day) text.Append(CultureInfo.InvariantCulture, $"date={day.UtcDateTime:yyyy-MM-dd}\ncreation_time={day.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}\n");
        for (var i = 0; i < chapters.Count; i++)
        {
            var end = i + 1 < chapters.Count ? chapters[i + 1].At : duration;
            text.Append(CultureInfo.InvariantCulture, $"[CHAPTER]\nTIMEBASE=1/1000\nSTART={chapters[i].At.TotalMilliseconds:F0}\n");
            text.Append(CultureInfo.InvariantCulture, $"END={end.TotalMilliseconds:F0}\ntitle={Escape(chapters[i].Name)}\n");
        }

        return text.ToString();
    }

    private static FFMpegArguments Begin(string path, IEnumerable<string> before) =>
        FFMpegArguments.FromFileInput(InQuotes(Url(path)), verifyExists: false, o => o.WithCustomArgument(Line(["-nostdin", .. before])));

    private static string Line(IEnumerable<string> arguments) => string.Join(' ', arguments.Select(a => $"\"{InQuotes(a)}\""));

    /// <summary>One line that stands for itself: no control characters, and nothing that the format gives a meaning.</summary>
    private static string Escape(string text)
    {
        var escaped = new StringBuilder();
        foreach (var rune in text.EnumerateRunes().Take(MaximumText))
        {
            if (rune.Value is '=' or ';' or '#' or '\\') escaped.Append('\\');
            escaped.Append(Rune.IsControl(rune) || rune.Value is 0x2028 or 0x2029 ? " " : rune.ToString());
        }

        // FFmpeg takes a backslash before the end of a line for one that goes on, escaped or not.
        if (escaped.Length > 0 && escaped[^1] == '\\') escaped.Append(' ');
        return string.IsNullOrWhiteSpace(escaped.ToString()) ? "-" : escaped.ToString();
    }

    /// <summary>Backslashes count only before a quote.</summary>
    [GeneratedRegex("""(\\*)("|\z)""")]
    private static partial Regex QuoteOrEnd();
}
