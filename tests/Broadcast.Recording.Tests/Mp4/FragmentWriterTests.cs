using System.Globalization;
using Broadcast.Recording.Frames;
using Broadcast.Recording.Matroska;
using Broadcast.Recording.Mp4;
using Broadcast.Recording.Tests.Bitstreams;
using Broadcast.Rtc;
using Broadcast.Testing;
using Broadcast.Vod.Recordings;

namespace Broadcast.Recording.Tests.Mp4;

public class FragmentWriterTests
{
    private static readonly TrackFormat Video = new(CodecKind.H264, 320, 180, 0, new byte[7], "avc1.42e01f");
    private static readonly TrackFormat Audio = new(CodecKind.Opus, 0, 0, 2, "OpusHead\u0001\u0002\0\0\0\0\0\0\0\0\0"u8.ToArray(), "opus");

    /// <summary>20 ms of Opus.</summary>
    private static readonly byte[] Sound = [0xFC, 1, 2, 3];

    [Theory]
    [InlineData(CodecKind.H264, "h264,avc1")]
    [InlineData(CodecKind.H265, "hevc,hvc1")]
    public void File_decodes_to_the_pictures_of_the_source(CodecKind codec, string name)
    {
        using var folder = new TemporaryFolder();
        var path = folder.At(SegmentFile.NameOf(1, SegmentContainer.Mp4));
        Assert.EndsWith("/000001.mp4", path, StringComparison.Ordinal);
        var frames = Frame.Of(codec);
        Write(path, frames, Frame.Of(CodecKind.Opus));

        Assert.Equal("", Ffmpeg.Decode(path));
        Assert.Equal(Clip.Of(codec).Hashes, Ffmpeg.PictureHashes(path));
        Assert.Equal($"{name},{Clip.Width},{Clip.Height},{Clip.Of(codec).Frames.Count}", Assert.Single(Ffmpeg.Probe(
            path, "-select_streams v -count_packets -show_entries stream=codec_name,codec_tag_string,width,height,nb_read_packets")));
        Assert.Equal("opus,48000,2", Assert.Single(Ffmpeg.Probe(path, "-select_streams a -show_entries stream=codec_name,sample_rate,channels")));
        Assert.All(Ffmpeg.Probe(path, "-show_entries stream=start_time"), time => Assert.Equal("0.000000", time));
        var duration = double.Parse(Assert.Single(Ffmpeg.Probe(path, "-show_entries format=duration")), CultureInfo.InvariantCulture);
        Assert.InRange(duration, Clip.Seconds - 0.01, Clip.Seconds + 0.05);
        Assert.Equal(
            Enumerable.Range(0, frames.Count).Select(i => $"{i * 3000},{i * 3000},3000"),
            Ffmpeg.Probe(path, "-select_streams v -show_entries packet=pts,dts,duration"));
        Assert.Equal("2.000000", Assert.Single(Ffmpeg.Probe(path, "-read_intervals 2.5%+#1 -select_streams v -show_entries packet=pts_time")).TrimEnd(','));
    }

    [Fact]
    public void Sound_has_the_time_of_its_packets()
    {
        using var folder = new TemporaryFolder();
        var (mp4, webm) = (folder.At("sound.mp4"), folder.At("sound.webm"));
        var frames = Frame.Of(CodecKind.Opus);
        Write(mp4, frames);
        Frame.WriteFile(webm, frames);
        Assert.Equal(frames.Select((_, i) => $"{i * 960}"), Ffmpeg.Probe(mp4, "-show_entries packet=pts").Select(line => line.TrimEnd(',')));
        string Pcm(string path) => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(Ffmpeg.Run($"-i \"{path}\" -c:a pcm_s16le -f s16le -").Output));
        Assert.Equal(Pcm(webm), Pcm(mp4));
    }

    [Fact]
    public void Wall_clock_of_the_beginning_is_in_the_file()
    {
        using var folder = new TemporaryFolder();
        var path = folder.At("a.mp4");
        var options = new SegmentOptions { Date = new DateTimeOffset(2026, 5, 4, 3, 2, 1, TimeSpan.Zero) };
        using (var writer = SegmentWriters.Create(path, SegmentContainer.Mp4, [Audio], options))
        {
            writer.Write(0, TimeSpan.Zero, true, Sound);
            writer.Close();
        }

        Assert.StartsWith("2026-05-04T03:02:01", Assert.Single(Ffmpeg.Probe(path, "-show_entries format_tags=creation_time")), StringComparison.Ordinal);
    }

    [Fact]
    public void Each_flush_ends_with_a_whole_fragment_and_none_goes_on_after_it()
    {
        using var output = new MemoryStream();
        using var writer = FragmentWriter.Create(output, [Frame.Of(CodecKind.H264)[0].Format, Audio], new SegmentOptions());
        var boundaries = new List<long> { writer.FlushedBytes };
        var next = TimeSpan.FromMilliseconds(300);
        Frame.Write(writer, [Frame.Of(CodecKind.H264), Frame.Of(CodecKind.Opus)], after: time =>
        {
            if (time < next) return;
            next += TimeSpan.FromMilliseconds(300);
            writer.Flush();
            Assert.Equal(output.Length, writer.FlushedBytes);
            Assert.InRange(writer.FlushedDuration, time, time + TimeSpan.FromMilliseconds(40));
            boundaries.Add(writer.FlushedBytes);
        });

        var fragments = FragmentView.Read(output.ToArray());
        var starts = fragments.Select(fragment => (long)fragment.At).Append(output.Length).ToHashSet();
        Assert.True(boundaries.Count > 10);
        Assert.All(boundaries, boundary => Assert.Contains(boundary, starts));
        Assert.Equal(fragments[0].At, boundaries[0]);
    }

    [Fact]
    public void File_that_was_cut_at_a_flush_plays_up_to_it()
    {
        using var folder = new TemporaryFolder();
        var path = folder.At("open.mp4");
        var frames = Frame.Of(CodecKind.H264);
        using var writer = SegmentWriters.Create(path, SegmentContainer.Mp4, [frames[0].Format], new SegmentOptions());
        Frame.Write(writer, [frames[..50]]);
        writer.Flush();
        var flushed = writer.FlushedBytes;
        Frame.Write(writer, [frames[50..55]]);
        Assert.Equal(flushed, writer.FlushedBytes);

        var copy = folder.At("copy.mp4");
        using (var shared = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite))
        {
            var bytes = new byte[flushed];
            shared.ReadExactly(bytes);
            File.WriteAllBytes(copy, bytes);
        }

        Assert.Equal("", Ffmpeg.Decode(copy));
        Assert.Equal(Clip.Of(CodecKind.H264).Hashes[..50], Ffmpeg.PictureHashes(copy));
        Assert.InRange(writer.FlushedDuration.TotalMilliseconds, 1660, 1670);
    }

    [Fact]
    public void Fragment_begins_with_the_keyframe_and_lasts_no_longer_than_told()
    {
        using var output = new MemoryStream();
        using var writer = FragmentWriter.Create(output, [Video, Audio], new SegmentOptions());
        var frames = Enumerable.Range(0, 600).Select(i => (Track: 1, Time: i * 20.0))
            .Concat(Enumerable.Range(0, 360).Select(i => (Track: 0, Time: i * 1000 / 30.0)))
            .OrderBy(item => item.Time + (item.Track == 1 ? 55 : 0));
        foreach (var (track, time) in frames) writer.Write(track, TimeSpan.FromMilliseconds(time), track == 1 || Math.Round(time) % 3000 == 0, Sound);
        writer.Flush();

        var fragments = FragmentView.Read(output.ToArray());
        Assert.Equal(960, fragments.Sum(fragment => fragment.Samples.Count));
        Assert.InRange(fragments.Count, 12, 16);
        foreach (var fragment in fragments)
        {
            Assert.DoesNotContain(fragment.Of(1).Skip(1), sample => sample.IsKeyframe);
            Assert.All(fragment.Of(2), sample => Assert.True(sample.IsKeyframe));
            Assert.All(fragment.Of(1), sample => Assert.InRange(sample.Shown - fragment.StartOf(1), 0, 90_000));
            Assert.All(fragment.Of(2), sample => Assert.InRange(sample.Shown - fragment.StartOf(2), 0, 48_000));
        }

        Assert.Equal(4, fragments.Count(fragment => fragment.Of(1).Any(sample => sample.IsKeyframe)));
    }

    [Fact]
    public void No_sample_is_moved_and_none_reaches_over_the_next_of_an_even_clock()
    {
        using var output = new MemoryStream();
        using var writer = FragmentWriter.Create(output, [Video, Audio], new SegmentOptions());
        for (var i = 0; i < 900; i++)
        {
            if (i % 3 == 0) writer.Write(0, TimeSpan.FromSeconds(i / 90.0), i % 180 == 0, Sound);
            if (i % 9 < 5) writer.Write(1, TimeSpan.FromSeconds(((i / 9 * 5) + (i % 9)) / 50.0), true, Sound);
            if (i % 37 == 0) writer.Flush();
        }

        writer.Flush();
        var samples = FragmentView.Read(output.ToArray()).SelectMany(fragment => fragment.Samples).ToList();
        foreach (var (track, ticks, count) in (ReadOnlySpan<(int, long, int)>)[(1, 3000L, 300), (2, 960L, 500)])
        {
            var own = samples.Where(sample => sample.Track == track).ToList();
            Assert.Equal(Enumerable.Range(0, count).Select(i => i * ticks), own.Select(sample => sample.Shown));
            Assert.All(own.Zip(own.Skip(1)), pair => Assert.InRange(pair.First.Decoded + pair.First.Duration, pair.First.Decoded + 1, pair.Second.Decoded));
            Assert.Equal(ticks, own[^1].Duration);
        }
    }

    [Fact]
    public void Uneven_clock_and_equal_times_give_samples_that_only_go_forward()
    {
        using var output = new MemoryStream();
        using var writer = FragmentWriter.Create(output, [Video, Audio], new SegmentOptions());
        var random = new Random(9);
        var given = new List<long>();
        var time = 0.0;
        for (var i = 0; i < 2000; i++)
        {
            time += i % 50 == 7 ? 0 : random.Next(1, 60) / 1000.0;
            if (i == 1000) time += 3600;
            given.Add((long)Math.Round(time * 90_000));
            writer.Write(0, TimeSpan.FromSeconds(time), i % 60 == 0, Sound);
            writer.Write(1, TimeSpan.FromSeconds(time), true, Sound);
            if (random.Next(10) == 0) writer.Flush();
        }

        writer.Flush();
        var samples = FragmentView.Read(output.ToArray()).SelectMany(fragment => fragment.Samples).ToList();
        foreach (var track in (int[])[1, 2])
        {
            var own = samples.Where(sample => sample.Track == track).ToList();
            AssertGoesOn(own);
            Assert.Equal(2000, own.Count(sample => sample.Length == Sound.Length));
            Assert.InRange(own.Count(sample => sample.Length == 1), track == 1 ? 0 : 1, track == 1 ? 0 : 500);
        }

        var pictures = samples.Where(sample => sample.Track == 1).Select(sample => sample.Shown);
        Assert.All(pictures.Zip(given), pair => Assert.InRange(pair.First - pair.Second, 0, 1));
        var sounds = samples.Where(sample => sample.Track == 2 && sample.Length == Sound.Length).Select(sample => sample.Shown);
        Assert.All(sounds.Zip(given), pair => Assert.InRange(pair.First - (pair.Second * 48 / 90), 0, 2));
        Assert.All(samples.Where(sample => sample.Track == 2), sample => Assert.InRange(sample.Shown - sample.Decoded, 0, 1));
    }

    [Fact]
    public void Picture_that_stands_still_goes_on_for_a_browser()
    {
        // A page that is shared changes every two seconds, and each picture is flushed alone.
        using var output = new MemoryStream();
        using var writer = FragmentWriter.Create(output, [Video], new SegmentOptions());
        for (var i = 0; i < 50; i++)
        {
            writer.Write(0, TimeSpan.FromSeconds(2 * i), i == 0, Sound);
            writer.Flush();
        }

        var samples = FragmentView.Read(output.ToArray()).SelectMany(fragment => fragment.Samples).ToList();
        AssertGoesOn(samples);
        Assert.Equal(Enumerable.Range(0, 50).Select(i => i * 180_000L), samples.Select(sample => sample.Shown));
        Assert.All(samples, sample => Assert.InRange(sample.Shown - sample.Decoded, 0, 180_000));
        Assert.Equal(100, writer.FlushedDuration.TotalSeconds, 0.01);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(5)]
    public void Pictures_in_another_order_than_they_are_shown_decode_to_the_source(int flushEvery)
    {
        using var folder = new TemporaryFolder();
        var (source, frames) = ReorderedClip.Make(folder);
        var path = folder.At("recorded.mp4");
        using (var writer = SegmentWriters.Create(path, SegmentContainer.Mp4, [frames[0].Format], new SegmentOptions()))
        {
            for (var i = 0; i < frames.Count; i++)
            {
                writer.Write(0, Frame.TimeOf(frames[i], ReorderedClip.Origin), frames[i].IsKeyframe, frames[i].Data);
                if (flushEvery > 0 && i % flushEvery == flushEvery - 1) writer.Flush();
            }

            writer.Close();
            Assert.InRange(writer.FlushedDuration.TotalSeconds, 1.96, 2.01);
        }

        Assert.Equal("", Ffmpeg.Decode(path));
        Assert.Equal(Ffmpeg.PictureHashes(source), Ffmpeg.PictureHashes(path));
        Assert.Equal(frames.Select(frame => $"{frame.Timestamp - ReorderedClip.Origin}"), Ffmpeg.Probe(path, "-select_streams v -show_entries packet=pts").Select(line => line.TrimEnd(',')));
        AssertGoesOn(FragmentView.Read(File.ReadAllBytes(path)).SelectMany(fragment => fragment.Samples));
    }

    [Fact]
    public void Sound_alone_has_a_fragment_each_second()
    {
        using var folder = new TemporaryFolder();
        var path = folder.At("sound.mp4");
        using (var writer = SegmentWriters.Create(path, SegmentContainer.Mp4, [Audio], new SegmentOptions()))
        {
            for (var i = 0; i < 500; i++) writer.Write(0, TimeSpan.FromMilliseconds(20 * i), true, Sound);
            writer.Close();
            Assert.Equal(TimeSpan.FromSeconds(10), writer.FlushedDuration);
            Assert.Equal(new FileInfo(path).Length, writer.FlushedBytes);
        }

        var fragments = FragmentView.Read(File.ReadAllBytes(path));
        Assert.Equal(Enumerable.Range(0, 10).Select(i => i * 48_000L), fragments.Select(fragment => fragment.StartOf(1)));
    }

    [Fact]
    public void Failed_disk_leaves_what_was_flushed_and_a_writer_that_can_be_disposed()
    {
        var output = new FailingStream();
        var writer = FragmentWriter.Create(output, [Video], new SegmentOptions());
        writer.Write(0, TimeSpan.Zero, true, new byte[5000]);
        writer.Flush();
        var flushed = writer.FlushedBytes;
        output.Room = 2000;
        writer.Write(0, TimeSpan.FromSeconds(0.1), false, new byte[5000]);

        Assert.Throws<IOException>(writer.Flush);
        Assert.Throws<IOException>(() => writer.Write(0, TimeSpan.FromSeconds(0.2), false, new byte[10]));
        Assert.Throws<IOException>(writer.Close);
        writer.Dispose();
        writer.Dispose();
        Assert.Equal(flushed, writer.FlushedBytes);
        Assert.Equal(flushed, output.ToArray().Length);
        Assert.Single(FragmentView.Read(output.ToArray()));
    }

    [Fact]
    public void Writing_allocates_nothing_for_a_frame()
    {
        using var writer = FragmentWriter.Create(new DiscardingStream(), [Video, Audio], new SegmentOptions());
        var data = new byte[10_000];
        void Second(int second)
        {
            for (var i = 0; i < 30; i++) writer.Write(0, TimeSpan.FromMilliseconds((second * 1000) + (i * 33)), i == 0, data);
            for (var i = 0; i < 50; i++) writer.Write(1, TimeSpan.FromMilliseconds((second * 1000) + (i * 20)), true, Sound);
            writer.Flush();
        }

        var next = 0;
        void Seconds(int count)
        {
            for (var end = next + count; next < end; next++) Second(next);
        }

        Seconds(20);
        Assert.InRange(Allocated.Least(() => Seconds(100)), 0, 1000);
    }

    [Fact]
    public void What_is_not_for_a_container_is_refused()
    {
        var vp8 = new TrackFormat(CodecKind.Vp8, 320, 180, 0, default, "vp8");
        Assert.Throws<ArgumentException>(() => FragmentWriter.Create(new MemoryStream(), [vp8, Audio], new SegmentOptions()));
        Assert.Throws<ArgumentException>(() => FragmentWriter.Create(new MemoryStream(), [Video with { CodecPrivate = default }], new SegmentOptions()));
        Assert.Throws<ArgumentException>(() => SegmentWriter.Create(new MemoryStream(), SegmentContainer.Mp4, [Video], new SegmentOptions()));
        Assert.Equal(SegmentContainer.WebM, SegmentWriters.ContainerOf([CodecKind.Vp9, CodecKind.Opus]));
        Assert.Equal(SegmentContainer.Mp4, SegmentWriters.ContainerOf([CodecKind.Opus, CodecKind.H265]));
        Assert.Equal(SegmentContainer.WebM, SegmentWriters.ContainerOf([CodecKind.Opus]));
        Assert.Equal(SegmentContainer.Matroska, SegmentWriters.ContainerOf([CodecKind.H264, CodecKind.Vp8]));
    }

    [Fact]
    public void Existing_file_is_not_written_over()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.At("here.mp4"), "kept");
        Assert.Throws<IOException>(() => SegmentWriters.Create(folder.At("here.mp4"), SegmentContainer.Mp4, [Video], new SegmentOptions()));
        Assert.Equal("kept", File.ReadAllText(folder.At("here.mp4")));
    }

    /// <summary>What Media Source Extensions ask of a track's samples (§ coded frame processing): anything else is a jump, after which pictures are dropped up to a keyframe.</summary>
    private static void AssertGoesOn(IEnumerable<SampleView> samples)
    {
        var all = samples.ToList();
        Assert.All(all.Zip(all.Skip(1)), pair => Assert.InRange(pair.Second.Decoded - pair.First.Decoded, 1, 2 * pair.First.Duration));
    }

    private static void Write(string path, params List<Frame>[] tracks)
    {
        using var writer = SegmentWriters.Create(path, SegmentContainer.Mp4, [.. tracks.Select(frames => frames[0].Format)], new SegmentOptions());
        Frame.Write(writer, tracks);
        writer.Close();
    }
}
