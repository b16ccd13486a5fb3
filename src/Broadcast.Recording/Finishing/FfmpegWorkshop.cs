using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Broadcast.Recording.Matroska;
using Broadcast.Vod.Jobs;
using FFMpegCore;

namespace Broadcast.Recording.Finishing;

/// <summary>Finishes, cuts and converts recordings with FFmpeg.</summary>
/// <remarks>
/// Outputs are made under another name beside their place, read back, and only then moved to it: FFmpeg ends with 0 on broken input too.
/// May be called by several threads; every call runs one FFmpeg at a time, niced, and kills it when it is given up.
/// </remarks>
/// <param name="tools">The FFmpeg of this machine.</param>
/// <param name="options">How much of the machine it may have.</param>
public sealed partial class FfmpegWorkshop(FfmpegTools tools, FfmpegWorkshopOptions options) : IMediaWorkshop, IDisposable
{
    private readonly FfmpegRunner _runner = new(tools, options);

    /// <summary>What an output's duration may be off, for times that containers round and last frames whose duration nobody knows.</summary>
    private static readonly TimeSpan DurationTolerance = TimeSpan.FromMilliseconds(500);

    /// <inheritdoc/>
    public Task<RepairedSegment?> RepairAsync(string path, CancellationToken cancellation) => Task.Run(
        () =>
        {
            try
            {
                return SegmentRepair.Repair(path);
            }
            catch (IOException e)
            {
                throw new WorkshopException($"The segment {Path.GetFileName(path)} cannot be repaired: {e.Message}", e);
            }
        },
        cancellation);

    /// <summary>Removes what calls of a killed process left in folders where outputs go to; what is being made is left alone.</summary>
    /// <remarks>For a start: another process's calls cannot be told from a dead one's.</remarks>
    /// <param name="folders">Looked into themselves, not into what lies in them; may be missing.</param>
    /// <returns>How many were removed.</returns>
    public static int Sweep(params IEnumerable<string> folders)
    {
        var swept = 0;
        foreach (var path in folders.Where(Directory.Exists).SelectMany(f => Directory.EnumerateDirectories(Path.GetFullPath(f), ".work-*")))
        {
            if (!WorkFolderName().IsMatch(Path.GetFileName(path)) || WorkFolder.IsInUse(path)) continue;
            try
            {
                Directory.Delete(path, recursive: true);
                swept++;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It stays for the next start.
            }
        }

        return swept;
    }

    /// <summary>Kills what runs: its calls fail as if they had been cancelled.</summary>
    public void Dispose() => _runner.Dispose();

    private Task<ProbedFile?> ProbeAsync(string path, CancellationToken cancellation) => ProbedFile.ReadAsync(_runner, path, cancellation);

    private Task RunAsync(FFMpegArgumentProcessor ffmpeg, TimeSpan total, IProgress<double> progress, CancellationToken cancellation)
    {
        void OnTime(TimeSpan at)
        {
            if (total > TimeSpan.Zero) progress.Report(Math.Clamp(at / total, 0, 1));
        }

        return _runner.RunAsync(ffmpeg, OnTime, cancellation);
    }

    /// <summary>Compares a made file with what it was made of.</summary>
    /// <param name="path">Of what was made.</param>
    /// <param name="expected">Its tracks, in any order.</param>
    /// <param name="duration">Of it.</param>
    /// <param name="countsPackets">Every packet must be there; not for what was encoded again.</param>
    /// <param name="cancellation">To give up.</param>
    /// <exception cref="WorkshopException">Naming what is wrong.</exception>
    private async Task<ProbedFile> VerifyAsync(
        string path, IReadOnlyList<ProbedTrack> expected, TimeSpan duration, bool countsPackets, CancellationToken cancellation)
    {
        var made = await ProbeAsync(path, cancellation) ?? throw new WorkshopException("FFmpeg made a file that cannot be played.");
        if (!made.Tracks.Select(t => t.Codec).Order().SequenceEqual(expected.Select(t => t.Codec).Order()))
            throw new WorkshopException($"FFmpeg made a file with {Codecs(made.Tracks)} instead of {Codecs(expected)}.");
        if (made.Duration is not { } got || (got - duration).Duration() > DurationTolerance)
            throw new WorkshopException($"FFmpeg made a file of {made.Duration?.TotalSeconds:F2} s instead of {duration.TotalSeconds:F2} s.");
        foreach (var track in expected.Where(_ => countsPackets))
        {
            var packets = made.Tracks.First(t => t.Codec == track.Codec).Packets;
            if (packets != track.Packets) throw new WorkshopException($"FFmpeg made a file with {packets} packets of {track.Codec} instead of {track.Packets}.");
        }

        return made;
    }

    private static string Codecs(IEnumerable<ProbedTrack> tracks) => string.Join(" and ", tracks.Select(t => t.Codec));

    private static MediaFile Describe(ProbedFile made, string path, FileFormat format, TimeSpan start, IEnumerable<string> codecs) => new(
        path,
        CodecStrings.MediaType(format, made.Video is not null, codecs),
        start,
        made.Duration ?? TimeSpan.Zero,
        made.Bytes,
        made.Video?.Width ?? 0,
        made.Video?.Height ?? 0);

    [GeneratedRegex(@"^\.work-[0-9a-f]{32}$")]
    private static partial Regex WorkFolderName();

    /// <summary>Files of a call beside its output, removed at the end however that is.</summary>
    private sealed class WorkFolder : IDisposable
    {
        private static readonly ConcurrentDictionary<string, bool> InUse = new();

        private readonly string _path;

        /// <summary>Creates one.</summary>
        /// <param name="beside">The folder of the output: the same disk, so that moving out of it copies nothing.</param>
        public WorkFolder(string beside)
        {
            _path = Path.Combine(Path.GetFullPath(beside), $".work-{Guid.NewGuid():N}");
            InUse[_path] = true;
            Directory.CreateDirectory(_path);
        }

        public static bool IsInUse(string path) => InUse.ContainsKey(path);

        public string this[string name] => Path.Combine(_path, name);

        public string Write(string name, string text)
        {
            File.WriteAllText(this[name], text);
            return this[name];
        }

        public void Dispose()
        {
            try
            {
                Directory.Delete(_path, recursive: true);
            }
            catch (IOException)
            {
                // What called is told of its own failure, not of this.
            }

            InUse.TryRemove(_path, out _);
        }
    }

    /// <summary>A part of a longer progress.</summary>
    private sealed class Share(IProgress<double> whole, double from, double to) : IProgress<double>
    {
        public void Report(double value) => whole.Report(from + (to - from) * value);
    }
}
