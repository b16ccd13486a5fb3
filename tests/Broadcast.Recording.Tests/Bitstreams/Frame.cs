using Broadcast.Recording.Frames;
using Broadcast.Recording.Matroska;
using Broadcast.Rtc;
using Broadcast.Vod.Recordings;

namespace Broadcast.Recording.Tests.Bitstreams;

/// <summary>A frame that came out of an assembler, kept.</summary>
internal sealed record Frame(long Timestamp, bool IsKeyframe, byte[] Data, TrackFormat Format)
{
    /// <summary>Pushes packets and takes what comes.</summary>
    public static List<Frame> Take(FrameAssembler assembler, IEnumerable<Packet> packets)
    {
        var frames = new List<Frame>();
        foreach (var packet in packets)
        {
            assembler.Push(packet.Payload, packet.Timestamp, packet.Marker);
            Drain(assembler, frames);
        }

        return frames;
    }

    public static void Drain(FrameAssembler assembler, List<Frame> into)
    {
        while (assembler.TryTake(out var frame)) into.Add(new Frame(frame.Timestamp, frame.IsKeyframe, frame.Data.ToArray(), frame.Format));
    }

    /// <summary>All frames of a clip by way of packets.</summary>
    public static List<Frame> Of(CodecKind codec, string size = "320x180")
    {
        var assembler = FrameAssembler.Create(codec, "");
        var frames = Take(assembler, Packetizer.Packetize(Clip.Of(codec, size)).SelectMany(packets => packets));
        Assert.Equal(0, assembler.DroppedFrames);
        return frames;
    }

    public static TimeSpan TimeOf(Frame frame, long origin) =>
        TimeSpan.FromSeconds((frame.Timestamp - origin) / (frame.Format.Codec == CodecKind.Opus ? 48_000.0 : 90_000.0));

    /// <summary>Writes tracks into a file, interleaved by time.</summary>
    public static void Write(ISegmentWriter writer, IReadOnlyList<List<Frame>> tracks, long origin = 1000, Action<TimeSpan>? after = null)
    {
        var all = tracks.SelectMany((frames, track) => frames.Select(frame => (Track: track, Time: TimeOf(frame, origin), Frame: frame)));
        foreach (var (track, time, frame) in all.OrderBy(item => item.Time))
        {
            writer.Write(track, time, frame.IsKeyframe, frame.Data);
            after?.Invoke(time);
        }
    }

    /// <summary>A complete file.</summary>
    public static void WriteFile(string path, params List<Frame>[] tracks)
    {
        var formats = tracks.Select(frames => frames[0].Format).ToList();
        var container = formats.Exists(format => format.Codec is CodecKind.H264 or CodecKind.H265) ? SegmentContainer.Matroska : SegmentContainer.WebM;
        using var writer = SegmentWriter.Create(path, container, formats, new SegmentOptions());
        Write(writer, tracks);
        writer.Close();
    }
}
