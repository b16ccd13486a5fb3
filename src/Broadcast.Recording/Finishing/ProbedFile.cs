using System.Globalization;
using FFMpegCore;

namespace Broadcast.Recording.Finishing;

/// <summary>A track as ffprobe reads it.</summary>
/// <param name="Codec">FFmpeg's name.</param>
/// <param name="IsVideo">A picture; otherwise sound.</param>
/// <param name="Width">Pixels; 0 for sound.</param>
/// <param name="Height">Pixels; 0 for sound.</param>
/// <param name="Profile">FFmpeg's name of it.</param>
/// <param name="Level">As the codec counts them; negative where FFmpeg does not know.</param>
/// <param name="PixelFormat">FFmpeg's name of it.</param>
/// <param name="Packets">All of them, counted.</param>
internal sealed record ProbedTrack(
    string Codec, bool IsVideo, int Width, int Height, string Profile, int Level, string PixelFormat, long Packets)
{
    /// <summary>Tracks with the same can be joined without encoding.</summary>
    public (string, int, int, string) Format => (Codec, Width, Height, PixelFormat);
}

/// <summary>A file as ffprobe reads it from its beginning to its end.</summary>
/// <param name="Path">Of it.</param>
/// <param name="Tracks">Pictures and sound, in the file's order.</param>
/// <param name="FirstTime">Of its first packet, from the file's time 0 on. Negative where a decoder throws away the beginning of the sound.</param>
/// <param name="Duration">From time 0 on; null where the file does not tell.</param>
/// <param name="Bytes">Of it.</param>
/// <param name="Complaints">What FFmpeg found wrong while it read.</param>
internal sealed record ProbedFile(
    string Path, IReadOnlyList<ProbedTrack> Tracks, TimeSpan FirstTime, TimeSpan? Duration, long Bytes, string Complaints)
{
    /// <summary>The picture; null for none.</summary>
    public ProbedTrack? Video => Tracks.FirstOrDefault(t => t.IsVideo);

    /// <summary>The sound; null for none.</summary>
    public ProbedTrack? Audio => Tracks.FirstOrDefault(t => !t.IsVideo);

    /// <summary>What can be played in it.</summary>
    public long Packets => Tracks.Sum(t => t.Packets);

    /// <summary>Reads a whole file.</summary>
    /// <returns>Null for a file that is missing or of which nothing can be played.</returns>
    public static async Task<ProbedFile?> ReadAsync(FfmpegRunner runner, string path, CancellationToken cancellation)
    {
        if (!File.Exists(path)) return null;
        var told = await runner.AskAsync(
            path, (name, where, stop) => FFProbe.AnalyseAsync(name, where, FfmpegInput.ForProbe("-count_packets"), stop), cancellation);
        return told is null ? null : Of(path, told);
    }

    /// <summary>The time of the last keyframe of the picture at or before a time; null when there is none.</summary>
    public static async Task<TimeSpan?> KeyframeBeforeAsync(FfmpegRunner runner, string path, TimeSpan time, CancellationToken cancellation)
    {
        var arguments = FfmpegInput.ForProbe("-select_streams", "v:0", "-read_intervals", $"{FfmpegInput.Seconds(time)}%+#1");
        var told = await runner.AskAsync(path, (name, where, stop) => FFProbe.GetPacketsAsync(name, where, arguments, stop), cancellation);
        return Seconds(told?.Packets is [var first, ..] ? first.PtsTime : null);
    }

    /// <remarks>
    /// Of what ffprobe said, not of what FFMpegCore makes of it: that knows no times before 0, no missing ones, and only whole milliseconds.
    /// </remarks>
    private static ProbedFile? Of(string path, IMediaAnalysis told)
    {
        var tracks = told.Raw.Streams.Where(s => s.CodecType is "video" or "audio").Select(s => new ProbedTrack(
            s.CodecName ?? "",
            s.CodecType == "video",
            s.Width ?? 0,
            s.Height ?? 0,
            s.Profile ?? "",
            s.CodecType == "video" ? s.Level : -1,
            s.PixelFormat ?? "",
            s.ExtensionData.TryGetValue("nb_read_packets", out var count) && long.TryParse(count.ToString(), CultureInfo.InvariantCulture, out var packets) ? packets : 0)).ToList();
        if (tracks.Sum(t => t.Packets) == 0) return null;

        var format = told.Raw.Format;
        var start = Seconds(format.StartTime) ?? TimeSpan.Zero;
        var duration = Seconds(format.Duration);
        // Of Matroska FFmpeg tells the duration from time 0 on, of MP4 that from the first packet on.
        if (format.FormatName.Contains("mp4", StringComparison.Ordinal) && start > TimeSpan.Zero) duration += start;
        return new ProbedFile(path, tracks, start, duration, new FileInfo(path).Length, string.Join('\n', told.StandardError).Trim());
    }

    private static TimeSpan? Seconds(string? text) =>
        double.TryParse(text, CultureInfo.InvariantCulture, out var seconds) && Math.Abs(seconds) < TimeSpan.MaxValue.TotalSeconds / 2 ? TimeSpan.FromSeconds(seconds) : null;
}
