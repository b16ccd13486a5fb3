using System.Diagnostics;
using Broadcast.Rtc;

namespace Broadcast.Client.Media;

/// <summary>Has FFmpeg encode a moving test picture and a tone, once per set of parameters, into the system's temporary folder.</summary>
internal static class ClipGenerator
{
    private const int UsualSeconds = 10;
    private const int MostSeconds = 60;

    /// <summary>What to encode.</summary>
    /// <param name="Codec">A video codec.</param>
    /// <param name="Width">Pixels.</param>
    /// <param name="Height">Pixels.</param>
    /// <param name="FramesPerSecond">Constant.</param>
    /// <param name="BitsPerSecond">Constant rate, with frames of nearly equal size.</param>
    /// <param name="KeyframeInterval">Frames from one keyframe to the next.</param>
    public sealed record VideoRequest(CodecKind Codec, int Width, int Height, int FramesPerSecond, int BitsPerSecond, int KeyframeInterval)
    {
        /// <summary>A picture with a large running clock, for people; otherwise one with noise, which keeps the encoder at its rate.</summary>
        public bool LargeClock { get; init; }

        /// <summary>Each picture says its number in the clip, in three rows of 16 black and white squares: the number in binary, its complement, 8 black and 8 white.</summary>
        public bool Numbered { get; init; }

        /// <summary>Seconds of one round, at least.</summary>
        public int Seconds { get; init; } = UsualSeconds;

        /// <summary>In three temporal layers, by <see cref="TemporalPattern"/>: VP8 only, and the keyframe interval is a multiple of its period.</summary>
        public bool HasTemporalLayers { get; init; }

        /// <summary>How many frames: whole keyframe intervals, so that playing in a loop keeps the interval; of a very long one only the beginning.</summary>
        public int FrameCount
        {
            get
            {
                var least = Seconds * FramesPerSecond;
                return KeyframeInterval > MostSeconds * FramesPerSecond ? least : (least + KeyframeInterval - 1) / KeyframeInterval * KeyframeInterval;
            }
        }
    }

    /// <summary>Makes the video clip, or takes the one made before.</summary>
    /// <exception cref="InvalidOperationException">FFmpeg is missing or failed; the message holds its last words.</exception>
    public static async Task<MediaClip> VideoAsync(VideoRequest request, CancellationToken cancellation)
    {
        var extension = request.Codec == CodecKind.H264 ? "h264" : "ivf";
        var name = $"{(request.LargeClock ? "clock-" : "")}{(request.Numbered ? "numbered-" : "")}{(request.HasTemporalLayers ? "layered-" : "")}{request.Codec}-{request.Width}x{request.Height}-{request.FramesPerSecond}-{request.BitsPerSecond}-{request.KeyframeInterval}-{request.FrameCount}.{extension}".ToLowerInvariant();

        var picture = $"size={request.Width}x{request.Height}:rate={request.FramesPerSecond}";
        var source = request.LargeClock ? $"testsrc={picture}:decimals=2,format=yuv420p" : $"testsrc2={picture},noise=alls=16:allf=t,format=yuv420p";
        if (request.Numbered) source += $"[picture];{NumberSquares(request)}[number];[picture][number]overlay";
        var path = await EncodeAsync(name, ["-f", "lavfi", "-i", source, "-frames:v", $"{request.FrameCount}", .. EncoderArguments(request)], cancellation);
        return ClipFile.Read(path, request.Codec, request.FramesPerSecond, request.HasTemporalLayers);
    }

    /// <summary>Makes a stereo tone of 20 ms Opus packets at 64 kbit/s.</summary>
    /// <exception cref="InvalidOperationException">FFmpeg is missing or failed.</exception>
    public static async Task<MediaClip> AudioAsync(CancellationToken cancellation)
    {
        var path = await EncodeAsync(
            "opus-tone.ogg",
            ["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000", "-t", $"{UsualSeconds}", "-ac", "2", "-c:a", "libopus", "-b:a", "64k", "-frame_duration", "20", "-f", "ogg"],
            cancellation);
        return ClipFile.Read(path, CodecKind.Opus, framesPerSecond: 0);
    }

    /// <summary>Drawn one pixel to a square, and enlarged.</summary>
    private static string NumberSquares(VideoRequest request) =>
        $"nullsrc=size=16x3:rate={request.FramesPerSecond},format=gray,"
        + "geq=lum='255*if(eq(Y,2),gte(X,8),abs(Y-mod(floor(N/pow(2,15-X)),2)))',"
        + $"scale={request.Width}:{request.Width * 3 / 16}:flags=neighbor,format=yuv420p";

    private static string[] EncoderArguments(VideoRequest request)
    {
        var rate = $"{request.BitsPerSecond}";
        var buffer = $"{request.BitsPerSecond / 2}";
        string[] common = ["-b:v", rate, "-maxrate", rate, "-bufsize", buffer, "-g", $"{request.KeyframeInterval}"];
        string[] vpx = ["-minrate", rate, "-deadline", "realtime", "-cpu-used", "8", "-lag-in-frames", "0", "-auto-alt-ref", "0", "-error-resilient", "1", "-keyint_min", $"{request.KeyframeInterval}", "-f", "ivf"];
        return request.Codec switch
        {
            CodecKind.Vp8 => ["-c:v", "libvpx", .. common, .. request.HasTemporalLayers ? ["-ts-parameters", TemporalPattern.EncoderOption(request.BitsPerSecond)] : Array.Empty<string>(), .. vpx],
            CodecKind.Vp9 => ["-c:v", "libvpx-vp9", .. common, .. vpx, "-row-mt", "1"],
            CodecKind.Av1 => ["-c:v", "libaom-av1", .. common, "-minrate", rate, "-usage", "realtime", "-cpu-used", "8", "-lag-in-frames", "0", "-row-mt", "1", "-tiles", "2x2", "-f", "ivf"],
            CodecKind.H264 => ["-c:v", "libx264", .. common, "-profile:v", "baseline", "-preset", "veryfast", "-tune", "zerolatency", "-x264-params", "repeat-headers=1:sliced-threads=0:slices=1:nal-hrd=cbr:scenecut=0:filler=0", "-f", "h264"],
            _ => throw new ArgumentOutOfRangeException(nameof(request), request.Codec, "Only VP8, H.264, VP9 and AV1 are generated."),
        };
    }

    private static async Task<string> EncodeAsync(string name, string[] arguments, CancellationToken cancellation)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), "broadcast-loadtest"));
        var path = Path.Combine(folder.FullName, name);
        if (File.Exists(path)) return path;

        var unfinished = $"{path}.{Environment.ProcessId}";
        var start = new ProcessStartInfo("ffmpeg", ["-hide_banner", "-loglevel", "error", "-nostdin", "-y", .. arguments, unfinished])
        {
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        using var process = Start(start);
        var complaint = await process.StandardError.ReadToEndAsync(cancellation);
        await process.WaitForExitAsync(cancellation);
        if (process.ExitCode != 0) throw new InvalidOperationException($"ffmpeg could not make {name}: {complaint.Trim()}");
        File.Move(unfinished, path, overwrite: true);
        return path;
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception failure)
        {
            throw new InvalidOperationException("ffmpeg is needed to make test media; install it (apt-get install ffmpeg).", failure);
        }
    }
}
