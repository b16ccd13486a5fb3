using Broadcast.Recording.Frames;
using Broadcast.Recording.Matroska;
using Broadcast.Recording.Tests.Bitstreams;
using Broadcast.Rtc;
using Broadcast.Vod.Recordings;

namespace Broadcast.Recording.Tests.Frames;

/// <summary>What is particular to one codec.</summary>
public class CodecTests
{
    [Fact]
    public void Spatial_layers_of_a_Vp9_picture_become_one_superframe()
    {
        // Two pictures of a stream in the place of two layers: a decoder that finds both by the index shows both.
        using var folder = new TemporaryFolder();
        var clip = Clip.Of(CodecKind.Vp9);
        var assembler = FrameAssembler.Create(CodecKind.Vp9, "");
        var frames = new List<Frame>();
        for (var i = 0; i < clip.Frames.Count; i += 2)
        {
            var payloads = Packetizer.Vp9(clip.Frames[i], 0, i % Clip.FramesPerGroup != 0).Concat(Packetizer.Vp9(clip.Frames[i + 1], 1, true)).ToList();
            frames.AddRange(Frame.Take(assembler, payloads.Select((payload, n) => new Packet(payload, 1000 + (i * 3000L), n == payloads.Count - 1))));
        }

        Assert.Equal(0, assembler.DroppedFrames);
        Assert.Equal(clip.Frames.Count / 2, frames.Count);
        var data = frames[0].Data;
        var octets = ((data[^1] >> 3) & 3) + 1;
        Assert.Equal(0xC1, data[^1] & 0xE7);
        Assert.Equal(data[^1], data[^(2 + (2 * octets))]);
        Assert.Equal(clip.Frames[0].Length + clip.Frames[1].Length + 2 + (2 * octets), data.Length);

        var path = folder.At("layers.webm");
        Frame.WriteFile(path, frames);
        Assert.Equal(clip.Hashes, Ffmpeg.PictureHashes(path));
    }

    [Theory]
    [InlineData("320x180", "")]
    [InlineData("322x182", "-aq-mode 3")]
    [InlineData("1280x96", "-tile-columns 2 -aq-mode 3 -b:v 100k")]
    [InlineData("4200x64", "-tile-columns 6 -tile-rows 1")]
    [InlineData("320x180", "-profile:v 1 -pix_fmt yuv444p -sharpness 3")]
    public void Of_the_layers_of_a_Vp9_picture_only_the_last_is_shown(string size, string more)
    {
        // Two pictures of a stream in the place of two layers; being resilient they may be hidden though they are of one size.
        using var folder = new TemporaryFolder();
        var clip = Clip.Of(CodecKind.Vp9, size, $"-error-resilient 1 {more}");
        var assembler = FrameAssembler.Create(CodecKind.Vp9, "");
        var frames = new List<Frame>();
        for (var i = 0; i < clip.Frames.Count; i += 2)
        {
            var payloads = Packetizer.Vp9(clip.Frames[i], 0, i % Clip.FramesPerGroup != 0).Concat(Packetizer.Vp9(clip.Frames[i + 1], 1, true)).ToList();
            frames.AddRange(Frame.Take(assembler, payloads.Select((payload, n) => new Packet(payload, 1000 + (i * 3000L), n == payloads.Count - 1))));
        }

        var path = folder.At("layers.webm");
        Frame.WriteFile(path, frames);
        Assert.Equal(clip.Hashes.Where((_, i) => i % 2 == 1), Ffmpeg.PictureHashes(path));
    }

    [Fact]
    public void Size_of_a_layered_Vp9_picture_is_that_of_its_highest_layer()
    {
        var clip = Clip.Of(CodecKind.Vp9);
        var assembler = FrameAssembler.Create(CodecKind.Vp9, "");
        byte[] structure = [0x30, 0, 160, 0, 90, 1, 64, 0, 180]; // two layers, with sizes
        byte[] lower = [0x8E | 0x20, 0x81, 0x23, 0, 7, .. structure, .. clip.Frames[0]];
        byte[] upper = [0x8C | 0x20, 0x81, 0x23, 1 << 1 | 1, 7, .. clip.Frames[1]];
        var frames = Frame.Take(assembler, [new Packet(lower, 0, false), new Packet(upper, 0, true)]);
        Assert.Equal((320, 180), (Assert.Single(frames).Format.Width, frames[0].Format.Height));
        Assert.Equal([1, 1, 0, 2, 1, 11, 3, 1, 8, 4, 1, 1], frames[0].Format.CodecPrivate.ToArray());
    }

    [Fact]
    public void Vp9_frame_that_shows_an_old_one_is_kept()
    {
        var assembler = FrameAssembler.Create(CodecKind.Vp9, "");
        var packets = Packetizer.Packetize(Clip.Of(CodecKind.Vp9)).Take(2).SelectMany(frame => frame).Append(new Packet([0x8C | 0x40, 0x81, 0x23, 0x88], 50_000, true));
        var frames = Frame.Take(assembler, packets);
        Assert.Equal(3, frames.Count);
        Assert.Equal([0x88], frames[2].Data);
        Assert.False(frames[2].IsKeyframe);
    }

    [Theory]
    [InlineData(CodecKind.H264)]
    [InlineData(CodecKind.H265)]
    public void Keyframe_without_parameter_sets_is_dropped_unless_the_session_description_has_them(CodecKind codec)
    {
        var units = Clip.Units(Clip.Of(codec).Frames[0]);
        int TypeOf(byte[] unit) => codec == CodecKind.H264 ? unit[0] & 0x1F : (unit[0] >> 1) & 0x3F;
        bool IsSet(byte[] unit) => codec == CodecKind.H264 ? TypeOf(unit) is 7 or 8 : TypeOf(unit) is >= 32 and <= 34;
        byte[] bare = [.. units.Where(unit => !IsSet(unit)).SelectMany(unit => (byte[])[0, 0, 0, 1, .. unit])];
        var packets = Packetizer.Packetize(codec, bare, 0);

        var without = FrameAssembler.Create(codec, "");
        Assert.Empty(Frame.Take(without, packets));
        Assert.Equal(1, without.DroppedFrames);
        Assert.True(without.NeedsKeyframe);

        string Base64(int type) => Convert.ToBase64String(units.First(unit => TypeOf(unit) == type));
        var parameters = codec == CodecKind.H264
            ? $"packetization-mode=1;sprop-parameter-sets={Base64(7)},{Base64(8)}"
            : $"sprop-vps={Base64(32)};sprop-sps={Base64(33)};sprop-pps={Base64(34)}";
        var with = FrameAssembler.Create(codec, parameters);
        var format = Assert.Single(Frame.Take(with, packets)).Format;
        Assert.Equal(Frame.Of(codec)[0].Format.CodecPrivate.ToArray(), format.CodecPrivate.ToArray());
    }

    [Fact]
    public void Parameter_sets_that_come_before_the_keyframe_are_used_for_it()
    {
        var units = Clip.Units(Clip.Of(CodecKind.H264).Frames[0]);
        var assembler = FrameAssembler.Create(CodecKind.H264, "");
        var sets = units.Where(unit => (unit[0] & 0x1F) is 7 or 8).Select(unit => new Packet(unit, 0, true));
        byte[] bare = [.. units.Where(unit => (unit[0] & 0x1F) is not (7 or 8)).SelectMany(unit => (byte[])[0, 0, 0, 1, .. unit])];
        Assert.Single(Frame.Take(assembler, sets.Concat(Packetizer.Packetize(CodecKind.H264, bare, 0))));
        Assert.Equal(0, assembler.DroppedFrames);
    }

    [Fact]
    public void Pictures_in_another_order_than_they_are_shown_decode_to_the_source()
    {
        using var folder = new TemporaryFolder();
        var (source, frames) = ReorderedClip.Make(folder);
        var path = folder.At("recorded.mkv");
        using (var writer = SegmentWriter.Create(path, SegmentContainer.Matroska, [frames[0].Format], new SegmentOptions()))
        {
            foreach (var frame in frames) writer.Write(0, Frame.TimeOf(frame, 1000), frame.IsKeyframe, frame.Data);
            writer.Close();
        }

        Assert.Equal("", Ffmpeg.Decode(path));
        Assert.Equal(Ffmpeg.PictureHashes(source), Ffmpeg.PictureHashes(path));
    }

    [Fact]
    public void New_size_comes_with_a_new_format_at_the_keyframe()
    {
        byte[] Key(byte width) => [0x10, 0x10, 0, 0, 0x9D, 1, 0x2A, width, 0, 90, 0, 1, 2, 3];
        byte[] delta = [0x10, 0x11, 0, 0, 1, 2, 3];
        var frames = Frame.Take(
            FrameAssembler.Create(CodecKind.Vp8, ""),
            [new(Key(160), 0, true), new(delta, 3000, true), new(Key(160), 6000, true), new(Key(80), 9000, true), new(delta, 12_000, true)]);
        Assert.Equal([160, 160, 160, 80, 80], frames.Select(frame => frame.Format.Width));
        Assert.Same(frames[0].Format, frames[2].Format);
        Assert.Same(frames[3].Format, frames[4].Format);
    }

    [Fact]
    public void Silence_of_Opus_is_filled_with_packets_that_a_decoder_takes()
    {
        using var folder = new TemporaryFolder();
        var assembler = FrameAssembler.Create(CodecKind.Opus, "");
        var sound = Clip.Of(CodecKind.Opus).Frames;
        var packets = Enumerable.Range(0, 10).Select(i => new Packet(sound[i], i * 960, false)).ToList();
        byte[] silent = [(byte)(sound[9][0] & 0xFC)];
        packets.Add(new Packet(silent, 10 * 960, false));
        packets.Add(new Packet(silent, 30 * 960, false));
        packets.Add(new Packet(sound[10], 33 * 960, true));
        var frames = Frame.Take(assembler, packets);

        Assert.Equal(Enumerable.Range(0, 34).Select(i => i * 960L), frames.Select(frame => frame.Timestamp));
        Assert.All(frames, frame => Assert.True(frame.IsKeyframe));
        var path = folder.At("silence.webm");
        using (var writer = SegmentWriter.Create(path, SegmentContainer.WebM, [frames[0].Format], new SegmentOptions()))
        {
            Frame.Write(writer, [frames], origin: 0);
            writer.Close();
        }

        Assert.Equal("", Ffmpeg.Decode(path));
    }

    [Fact]
    public void Lost_sound_is_not_taken_for_silence_and_costs_only_itself()
    {
        var assembler = FrameAssembler.Create(CodecKind.Opus, "");
        var sound = Clip.Of(CodecKind.Opus).Frames;
        var frames = Frame.Take(assembler, [new([0xFC], 0, false)]);
        assembler.NoteLoss();
        Assert.False(assembler.NeedsKeyframe);
        frames.AddRange(Frame.Take(assembler, [new(sound[3], 2880, false), new(sound[4], 2880, false), new([], 3840, false), new([3], 3840, false), new(sound[5], 4800, false)]));
        Assert.Equal([0L, 2880, 4800], frames.Select(frame => frame.Timestamp));
        Assert.Equal(2, assembler.DroppedFrames);
    }
}
