using System.Diagnostics;
using System.Text.Json;

namespace Broadcast.EndToEnd.Tests.Recording;

/// <summary>What FFprobe and FFmpeg say of a file.</summary>
/// <param name="Codec">As FFmpeg calls it.</param>
/// <param name="Frames">That were read.</param>
/// <param name="First">Seconds of the first one's time.</param>
/// <param name="Last">Seconds of the last one's time.</param>
internal sealed record ProbedTrack(string Codec, int Frames, double First, double Last);

/// <summary>Asks FFprobe and FFmpeg about a file.</summary>
internal static class MediaProbe
{
    /// <summary>The tracks of a file, by reading all of it.</summary>
    public static async Task<IReadOnlyList<ProbedTrack>> TracksAsync(string path)
    {
        var (output, errors) = await RunAsync("ffprobe", "-v", "error", "-show_entries", "stream=index,codec_name:packet=stream_index,pts_time", "-of", "json", path);
        Assert.Equal("", errors);
        using var json = JsonDocument.Parse(output);
        var packets = json.RootElement.GetProperty("packets").EnumerateArray()
            .ToLookup(packet => packet.GetProperty("stream_index").GetInt32(), packet => double.Parse(packet.GetProperty("pts_time").GetString()!, System.Globalization.CultureInfo.InvariantCulture));
        return [.. json.RootElement.GetProperty("streams").EnumerateArray().Select(stream => (Codec: stream.GetProperty("codec_name").GetString()!, Times: packets[stream.GetProperty("index").GetInt32()].ToArray()))
            .Select(stream => Rising(stream.Times) ? stream : throw new InvalidDataException($"{stream.Codec}: {string.Join(' ', stream.Times)}"))
            .Select(stream => new ProbedTrack(stream.Codec, stream.Times.Length, stream.Times.First(), stream.Times.Last()))];
    }

    /// <summary>Decodes all of a file; what the decoders complain of.</summary>
    public static async Task<string> DecodeAsync(string path)
    {
        var (_, errors) = await RunAsync("ffmpeg", "-v", "error", "-i", path, "-fps_mode", "passthrough", "-enc_time_base", "-1", "-f", "null", "-");
        return errors;
    }

    /// <summary>The sizes of all pictures that a decoder shows, as "width,height".</summary>
    public static async Task<IReadOnlyList<string>> ShownAsync(string path)
    {
        var (output, _) = await RunAsync("ffprobe", "-v", "error", "-select_streams", "v", "-show_entries", "frame=width,height", "-of", "csv=p=0", path);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }

    private static bool Rising(double[] times) => times.Zip(times.Skip(1)).All(pair => pair.Second > pair.First);

    private static async Task<(string Output, string Errors)> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (output, await errors);
    }
}
