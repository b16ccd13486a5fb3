using Broadcast.Recording.Frames;
using Broadcast.Recording.Tests.Bitstreams;
using Broadcast.Rtc;

namespace Broadcast.Recording.Tests;

/// <summary>Real bitstreams, by way of packets and frames into files, read by FFmpeg.</summary>
public class RecordedClipTests
{
    public static TheoryData<CodecKind, string, string> Codecs => new()
    {
        { CodecKind.Vp8, "vp8", "vp8" },
        { CodecKind.Vp9, "vp9", "vp09.00.11.08" },
        { CodecKind.Av1, "av1", "av01.0.00M.08" },
        { CodecKind.H264, "h264", "avc1.42C014" },
        { CodecKind.H265, "hevc", "hvc1.1.6.L60.90" },
    };

    [Theory]
    [MemberData(nameof(Codecs))]
    public void File_decodes_to_the_pictures_of_the_source(CodecKind codec, string name, string codecString)
    {
        using var folder = new TemporaryFolder();
        var path = folder.At("recorded.mkv");
        var frames = Frame.Of(codec);
        Frame.WriteFile(path, frames, Frame.Of(CodecKind.Opus));

        Assert.Equal("", Ffmpeg.Decode(path));
        Assert.Equal(Clip.Of(codec).Hashes, Ffmpeg.PictureHashes(path));
        Assert.Equal($"{name},{Clip.Width},{Clip.Height},{Clip.Of(codec).Frames.Count}", Assert.Single(Ffmpeg.Probe(
            path, "-select_streams v -count_packets -show_entries stream=codec_name,width,height,nb_read_packets")));
        Assert.Equal("opus,48000,2", Assert.Single(Ffmpeg.Probe(path, "-select_streams a -show_entries stream=codec_name,sample_rate,channels")));
        var duration = double.Parse(Assert.Single(Ffmpeg.Probe(path, "-show_entries format=duration")), System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(duration, Clip.Seconds - 0.01, Clip.Seconds + 0.05);
        Assert.Equal(codecString, frames[0].Format.CodecString);
        Assert.All(frames, frame => Assert.Same(frames[0].Format, frame.Format));
        Assert.Equal(
            Enumerable.Range(0, frames.Count).Where(i => i % Clip.FramesPerGroup == 0),
            Enumerable.Range(0, frames.Count).Where(i => frames[i].IsKeyframe));
    }

    [Theory]
    [MemberData(nameof(Codecs))]
    public void After_a_loss_only_whole_and_decodable_pictures_are_in_the_file(CodecKind codec, string name, string codecString)
    {
        _ = (name, codecString);
        using var folder = new TemporaryFolder();
        var clip = Clip.Of(codec);
        var random = new Random(5);
        var assembler = FrameAssembler.Create(codec, "");
        var frames = new List<Frame>();
        var lossy = new HashSet<int>();
        for (var i = 0; i < clip.Frames.Count; i++)
        {
            // One packet of a frame of every group but the third is lost, of the second group one of the keyframe itself.
            var packets = Packetizer.Packetize(codec, clip.Frames[i], i * 3000L);
            var group = i / Clip.FramesPerGroup;
            var lost = i % Clip.FramesPerGroup == (group == 1 ? 0 : 20) && group != 2 ? random.Next(packets.Count) : -1;
            for (var packet = 0; packet < packets.Count; packet++)
            {
                if (packet == lost)
                {
                    lossy.Add(i);
                    assembler.NoteLoss();
                    Assert.True(assembler.NeedsKeyframe);
                    continue;
                }

                assembler.Push(packets[packet].Payload, packets[packet].Timestamp, packets[packet].Marker);
                Frame.Drain(assembler, frames);
            }
        }

        // :: Nothing from the loss up to the next keyframe
        var expected = new List<int>();
        var isWhole = false;
        for (var i = 0; i < clip.Frames.Count; i++)
        {
            if (i % Clip.FramesPerGroup == 0) isWhole = true;
            if (lossy.Contains(i)) isWhole = false;
            if (isWhole) expected.Add(i);
        }

        Assert.Equal(expected, frames.Select(frame => (int)(frame.Timestamp / 3000)));
        Assert.InRange(assembler.DroppedFrames, clip.Frames.Count - expected.Count - lossy.Count, clip.Frames.Count - expected.Count);

        var path = folder.At("lossy.mkv");
        Frame.WriteFile(path, frames);
        Assert.Equal(expected.Select(i => clip.Hashes[i]), Ffmpeg.PictureHashes(path));
    }

    [Fact]
    public void Sound_has_the_time_of_its_packets()
    {
        using var folder = new TemporaryFolder();
        var path = folder.At("sound.webm");
        Frame.WriteFile(path, Frame.Of(CodecKind.Opus));

        // FFmpeg leaves out what the encoder put before the first sample (312 of it); the packets' time begins with it.
        const int PreSkip = 312;
        var source = Samples(Clip.Of(CodecKind.Opus).Path);
        var recorded = Samples(path);
        Assert.Equal(source[..20_000], recorded[PreSkip..(PreSkip + 20_000)]);
        Assert.Equal("0.000000", Assert.Single(Ffmpeg.Probe(path, "-select_streams a -show_entries stream=start_time")));
    }

    private static short[] Samples(string path)
    {
        var (bytes, errors) = Ffmpeg.Run($"-i \"{path}\" -map 0:a -ac 1 -c:a pcm_s16le -f s16le -");
        Assert.Equal("", errors);
        return System.Runtime.InteropServices.MemoryMarshal.Cast<byte, short>(bytes).ToArray();
    }
}
