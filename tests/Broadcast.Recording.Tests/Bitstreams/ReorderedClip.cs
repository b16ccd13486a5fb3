using System.Globalization;
using Broadcast.Recording.Frames;
using Broadcast.Rtc;

namespace Broadcast.Recording.Tests.Bitstreams;

/// <summary>Two seconds of H.264 with pictures that are shown in another order than they are decoded.</summary>
internal static class ReorderedClip
{
    /// <summary>Of the first picture shown.</summary>
    public const long Origin = 1000;

    /// <summary>Makes it by FFmpeg, and frames of it by way of packets.</summary>
    /// <returns>The file that FFmpeg wrote, and the frames in the order of decoding.</returns>
    public static (string Source, List<Frame> Frames) Make(TemporaryFolder folder)
    {
        var (container, stream) = (folder.At("source.mkv"), folder.At("source.h264"));
        Ffmpeg.Run($"-f lavfi -i testsrc2=size=320x180:rate=30:duration=2 -pix_fmt yuv420p -c:v libx264 -preset ultrafast -bf 2 -b_strategy 0 -g 30 -threads 1 -y \"{container}\"");
        Ffmpeg.Run($"-i \"{container}\" -c copy -bsf:v h264_mp4toannexb -f h264 -y \"{stream}\"");
        var shown = Ffmpeg.Probe(container, "-select_streams v -show_entries packet=pts_time").Select(line => double.Parse(line.TrimEnd(','), CultureInfo.InvariantCulture)).ToList();

        var assembler = FrameAssembler.Create(CodecKind.H264, "");
        var frames = new List<Frame>();
        var pending = new List<byte>();
        foreach (var unit in Clip.Units(File.ReadAllBytes(stream)))
        {
            pending.AddRange([0, 0, 0, 1, .. unit]);
            if ((unit[0] & 0x1F) is not (1 or 5)) continue;
            frames.AddRange(Frame.Take(assembler, Packetizer.Packetize(CodecKind.H264, [.. pending], Origin + (long)Math.Round(shown[frames.Count] * 90_000))));
            pending.Clear();
        }

        Assert.Equal(0, assembler.DroppedFrames);
        Assert.Equal(60, frames.Count);
        Assert.NotEqual(frames.Select(frame => frame.Timestamp).Order(), frames.Select(frame => frame.Timestamp));
        return (container, frames);
    }
}
