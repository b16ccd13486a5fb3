using System.Buffers.Binary;
using System.Collections.Concurrent;
using Broadcast.Rtc;
using Broadcast.Rtc.Payloads;

namespace Broadcast.Recording.Tests.Bitstreams;

/// <summary>A real bitstream, made once for all tests of the run: four seconds of a moving picture, or of a tone.</summary>
/// <param name="Codec">Of it.</param>
/// <param name="Path">The file that FFmpeg wrote.</param>
/// <param name="Frames">As the encoder gave them: NAL units with start codes, AV1 with temporal delimiters and sizes.</param>
internal sealed record Clip(CodecKind Codec, string Path, IReadOnlyList<byte[]> Frames)
{
    public const int Width = 320;
    public const int Height = 180;
    public const int Fps = 30;
    public const int Seconds = 4;
    public const int FramesPerGroup = 30;

    private static readonly string Folder = Directory.CreateTempSubdirectory("broadcast-clips-").FullName;
    private static readonly ConcurrentDictionary<(CodecKind Codec, string Size, string Options), Lazy<Clip>> Made = new();
    private readonly Lazy<string[]> _hashes = new(() => Ffmpeg.PictureHashes(Path));

    static Clip() => AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(Folder, recursive: true);

    /// <summary>Of the decoded pictures.</summary>
    public string[] Hashes => _hashes.Value;

    /// <param name="codec">Of it.</param>
    /// <param name="size">Of the picture, when it is not the usual.</param>
    /// <param name="more">Further options of the encoder.</param>
    public static Clip Of(CodecKind codec, string size = "320x180", string more = "") =>
        Made.GetOrAdd((codec, size, more), static key => new Lazy<Clip>(() => Make(key.Codec, key.Size, key.Options))).Value;

    private static Clip Make(CodecKind codec, string size, string more)
    {
        var (options, ending) = codec switch
        {
            CodecKind.Vp8 => ("-c:v libvpx -deadline realtime -cpu-used 8 -auto-alt-ref 0", "ivf"),
            CodecKind.Vp9 => ("-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -auto-alt-ref 0 -lag-in-frames 0", "ivf"),
            CodecKind.Av1 => ("-c:v libaom-av1 -usage realtime -cpu-used 8 -lag-in-frames 0", "ivf"),
            CodecKind.H264 => ("-c:v libx264 -preset ultrafast -tune zerolatency", "h264"),
            CodecKind.H265 => ("-c:v libx265 -preset ultrafast -tune zerolatency -x265-params log-level=none:open-gop=0:bframes=0:repeat-headers=1", "hevc"),
            _ => ("-c:a libopus -b:a 64k -ac 2", "ogg"),
        };
        var path = System.IO.Path.Combine(Folder, $"{codec}-{size}{more.Replace(' ', '_')}.{ending}");
        var source = codec == CodecKind.Opus
            ? $"sine=frequency=440:sample_rate=48000:duration={Seconds}"
            : $"testsrc2=size={size}:rate={Fps}:duration={Seconds}";
        var picture = codec == CodecKind.Opus ? "" : $"-pix_fmt yuv420p -b:v 600k -g {FramesPerGroup} -keyint_min {FramesPerGroup} -threads 1";
        Ffmpeg.Run($"-f lavfi -i {source} {options} {picture} {more} -y \"{path}\"");

        var bytes = File.ReadAllBytes(path);
        var frames = ending switch
        {
            "ivf" => ReadIvf(bytes),
            "ogg" => ReadOgg(bytes),
            _ => ReadAnnexB(bytes, codec),
        };
        Assert.True(frames.Count >= Seconds * Fps, $"{codec} has {frames.Count} frames.");
        return new Clip(codec, path, frames);
    }

    private static List<byte[]> ReadIvf(byte[] file)
    {
        var frames = new List<byte[]>();
        for (var at = 32; at + 12 <= file.Length;)
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(at));
            frames.Add(file.AsSpan(at + 12, length).ToArray());
            at += 12 + length;
        }

        return frames;
    }

    private static List<byte[]> ReadOgg(byte[] file)
    {
        var packets = new List<byte[]>();
        var packet = new List<byte>();
        for (var at = 0; at + 27 <= file.Length;)
        {
            var segments = file[at + 26];
            var data = at + 27 + segments;
            for (var i = 0; i < segments; i++)
            {
                int length = file[at + 27 + i];
                packet.AddRange(file.AsSpan(data, length));
                data += length;
                if (length == 255) continue;
                packets.Add([.. packet]);
                packet.Clear();
            }

            at = data;
        }

        return packets[2..]; // without OpusHead and OpusTags
    }

    /// <summary>Access units: each slice is one picture in these clips.</summary>
    private static List<byte[]> ReadAnnexB(byte[] file, CodecKind codec)
    {
        var frames = new List<byte[]>();
        var frame = new List<byte>();
        foreach (var unit in Units(file))
        {
            frame.AddRange([0, 0, 0, 1, .. unit]);
            var isSlice = codec == CodecKind.H264 ? (unit[0] & 0x1F) is 1 or 5 : ((unit[0] >> 1) & 0x3F) < 32;
            if (!isSlice) continue;
            frames.Add([.. frame]);
            frame.Clear();
        }

        return frames;
    }

    /// <summary>NAL units of a byte stream with start codes.</summary>
    public static List<byte[]> Units(byte[] stream)
    {
        var units = new List<byte[]>();
        var begin = -1;
        for (var i = 0; i + 3 <= stream.Length; i++)
        {
            if (stream[i] != 0 || stream[i + 1] != 0 || stream[i + 2] != 1) continue;
            if (begin >= 0) units.Add(TrimZeros(stream, begin, i));
            begin = i + 3;
        }

        if (begin >= 0) units.Add(TrimZeros(stream, begin, stream.Length));
        return units;
    }

    private static byte[] TrimZeros(byte[] stream, int begin, int end)
    {
        while (end > begin && stream[end - 1] == 0) end--;
        return stream[begin..end];
    }
}
