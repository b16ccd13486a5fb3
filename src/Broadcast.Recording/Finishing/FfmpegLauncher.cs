using System.Globalization;
using FFMpegCore;

namespace Broadcast.Recording.Finishing;

/// <summary>A folder with scripts by the names of ffmpeg and ffprobe that start them niced and tell their ids.</summary>
/// <remarks>
/// FFMpegCore starts what it finds in a folder, knows no priority, and does not show the process. A script becomes nice, and nice becomes
/// FFmpeg: one process with one id. The priority for the disk follows from that of the processor, so ionice is not needed.
/// </remarks>
internal sealed class FfmpegLauncher : IDisposable
{
    /// <summary>Where a run's process writes its id, when the file is there: what asks for a version runs where the server runs.</summary>
    private const string IdName = ".broadcast-ffmpeg";

    private readonly string _folder = Directory.CreateTempSubdirectory("broadcast-ffmpeg-").FullName;
    private int _runs;

    public FfmpegLauncher(FfmpegTools tools, int niceness)
    {
        WriteScript("ffmpeg", tools.Ffmpeg, niceness);
        WriteScript("ffprobe", tools.Ffprobe, niceness);
    }

    /// <summary>A place for one process.</summary>
    public Run Begin() => new(_folder, Path.Combine(_folder, Interlocked.Increment(ref _runs).ToString(CultureInfo.InvariantCulture)));

    public void Dispose() => Delete(_folder);

    private void WriteScript(string name, string program, int niceness)
    {
        var quoted = $"'{program.Replace("'", @"'\''", StringComparison.Ordinal)}'";
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, string.Create(
            CultureInfo.InvariantCulture,
            $"""
            #!/bin/sh
            [ -f {IdName} ] && echo $$ > {IdName}
            command -v nice > /dev/null && exec nice -n {niceness} {quoted} "$@"
            exec {quoted} "$@"

            """));
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private static void Delete(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (IOException)
        {
            // A few bytes of the system's temporary files.
        }
    }

    /// <summary>The folder in which one process runs.</summary>
    internal sealed class Run : IDisposable
    {
        private readonly string _folder;

        public Run(string scripts, string folder)
        {
            _folder = Directory.CreateDirectory(folder).FullName;
            File.WriteAllText(Path.Combine(folder, IdName), "");
            Options = new FFOptions { BinaryFolder = scripts, WorkingDirectory = _folder, TemporaryFilesFolder = _folder };
        }

        public FFOptions Options { get; }

        /// <summary>Null before it has begun.</summary>
        public int? ProcessId => int.TryParse(File.ReadAllText(Path.Combine(_folder, IdName)), CultureInfo.InvariantCulture, out var id) ? id : null;

        /// <summary>Gives a file a name in the folder that needs no quotes.</summary>
        public string Link(string path)
        {
            const string name = "input";
            File.CreateSymbolicLink(Path.Combine(_folder, name), Path.GetFullPath(path));
            return name;
        }

        public void Dispose() => Delete(_folder);
    }
}
