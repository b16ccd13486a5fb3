using System.Diagnostics;

namespace Broadcast.Recording.Tests.Bitstreams;

/// <summary>Runs FFmpeg and FFprobe of this machine.</summary>
internal static class Ffmpeg
{
    /// <summary>Runs FFmpeg.</summary>
    /// <returns>What it wrote to its standard output, and its complaints.</returns>
    public static (byte[] Output, string Errors) Run(string arguments) => Start("ffmpeg", $"-hide_banner -nostdin -v error {arguments}");

    /// <summary>Asks FFprobe for values, one a line.</summary>
    public static string[] Probe(string file, string arguments)
    {
        var (output, errors) = Start("ffprobe", $"-v error -of csv=p=0 {arguments} \"{file}\"");
        Assert.Equal("", errors);
        return System.Text.Encoding.ASCII.GetString(output).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }

    /// <summary>A hash of each decoded picture, in order.</summary>
    public static string[] PictureHashes(string file)
    {
        var (output, errors) = Run($"-i \"{file}\" -map 0:v -fps_mode passthrough -f framemd5 -");
        Assert.Equal("", errors);
        return [.. System.Text.Encoding.ASCII.GetString(output)
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(line => line[0] != '#')
            .Select(line => line[(line.LastIndexOf(',') + 1)..].Trim())];
    }

    /// <summary>Decodes all of a file.</summary>
    /// <returns>Complaints; empty when there are none.</returns>
    public static string Decode(string file) => Run($"-i \"{file}\" -f null -").Errors;

    private static (byte[] Output, string Errors) Start(string program, string arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        using var output = new MemoryStream();
        process.StandardOutput.BaseStream.CopyTo(output);
        process.WaitForExit();
        return (output.ToArray(), errors.Result.Trim());
    }
}
