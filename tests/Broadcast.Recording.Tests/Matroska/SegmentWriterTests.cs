using Broadcast.Recording.Frames;
using Broadcast.Recording.Matroska;
using Broadcast.Recording.Tests.Bitstreams;
using Broadcast.Rtc;
using Broadcast.Vod.Recordings;

namespace Broadcast.Recording.Tests.Matroska;

public class SegmentWriterTests
{
    private static readonly TrackFormat Video = new(CodecKind.Vp8, 320, 180, 0, default, "vp8");
    private static readonly TrackFormat Audio = new(CodecKind.Opus, 0, 0, 2, "OpusHead\u0001\u0002\0\0\0\0\0\0\0\0\0"u8.ToArray(), "opus");

    /// <summary>20 ms of Opus.</summary>
    private static readonly byte[] Sound = [0xFC, 1, 2, 3];

    [Fact]
    public void Each_flush_ends_with_a_whole_cluster_and_none_goes_on_after_it()
    {
        using var output = new MemoryStream();
        using var writer = SegmentWriter.Create(output, SegmentContainer.WebM, [Video, Audio], new SegmentOptions());
        var boundaries = new List<long> { writer.FlushedBytes };
        var header = writer.FlushedBytes;
        var frames = new List<List<Frame>> { Frame.Of(CodecKind.Vp8), Frame.Of(CodecKind.Opus) };
        var next = TimeSpan.FromMilliseconds(300);
        Frame.Write(writer, frames, after: time =>
        {
            if (time < next) return;
            next += TimeSpan.FromMilliseconds(300);
            writer.Flush();
            Assert.Equal(output.Length, writer.FlushedBytes);
            Assert.InRange(writer.FlushedDuration, time, time + TimeSpan.FromMilliseconds(40));
            boundaries.Add(writer.FlushedBytes);
        });

        var clusters = ClusterView.Read(output.ToArray());
        var starts = clusters.Select(cluster => (long)cluster.At).Append(output.Length).ToHashSet();
        Assert.True(boundaries.Count > 10);
        Assert.All(boundaries, boundary => Assert.Contains(boundary, starts));
        Assert.Equal(clusters[0].At, header);
    }

    [Fact]
    public void File_that_was_cut_at_a_flush_plays_up_to_it()
    {
        using var folder = new TemporaryFolder();
        var path = folder.At("open.webm");
        var frames = Frame.Of(CodecKind.Vp9);
        using var writer = SegmentWriter.Create(path, SegmentContainer.WebM, [frames[0].Format], new SegmentOptions());
        Frame.Write(writer, [frames[..50]]);
        writer.Flush();
        Frame.Write(writer, [frames[50..55]]);

        var copy = folder.At("copy.webm");
        File.WriteAllBytes(copy, ReadShared(path)[..(int)writer.FlushedBytes]);
        Assert.Equal("", Ffmpeg.Decode(copy));
        Assert.Equal(Clip.Of(CodecKind.Vp9).Hashes[..50], Ffmpeg.PictureHashes(copy));
        Assert.InRange(writer.FlushedDuration.TotalMilliseconds, 1660, 1670);
    }

    [Fact]
    public void Blocks_of_a_cluster_never_go_back_in_time_and_a_keyframe_begins_one()
    {
        using var output = new MemoryStream();
        using var writer = SegmentWriter.Create(output, SegmentContainer.WebM, [Video, Audio], new SegmentOptions());
        var random = new Random(3);

        // Sound comes up to 60 ms later than its time, the picture at once.
        var arrivals = Enumerable.Range(0, 300).Select(i => (Track: 1, Time: i * 20, Arrival: (i * 20) + random.Next(60)))
            .Concat(Enumerable.Range(0, 180).Select(i => (Track: 0, Time: i * 1000 / 30, Arrival: i * 1000 / 30)))
            .OrderBy(item => item.Arrival).ToList();
        foreach (var track in (int[])[0, 1])
        {
            // In the order of decoding, as an assembler gives them.
            var sorted = arrivals.Where(item => item.Track == track).Select(item => item.Time).Order().ToList();
            for (int i = 0, next = 0; i < arrivals.Count; i++)
            {
                if (arrivals[i].Track == track) arrivals[i] = arrivals[i] with { Time = sorted[next++] };
            }
        }

        foreach (var (track, time, _) in arrivals) writer.Write(track, TimeSpan.FromMilliseconds(time), track == 1 || time % 2000 == 0, Sound);
        writer.Flush();

        var clusters = ClusterView.Read(output.ToArray());
        Assert.Equal(480, clusters.Sum(cluster => cluster.Blocks.Count));
        foreach (var cluster in clusters)
        {
            Assert.Equal(cluster.Blocks.Min(block => block.Time), cluster.Time);
            Assert.Equal(cluster.Blocks.Select(block => block.Time).Order(), cluster.Blocks.Select(block => block.Time));
            Assert.InRange(cluster.Blocks[^1].Time - cluster.Time, 0, 1000);
            var pictures = cluster.Blocks.Where(block => block.Track == 1).ToList();
            Assert.DoesNotContain(pictures.Skip(1), block => block.IsKeyframe);
        }

        foreach (var track in (int[])[1, 2])
        {
            var times = clusters.SelectMany(cluster => cluster.Blocks).Where(block => block.Track == track).Select(block => block.Time).ToList();
            Assert.Equal(times.Order(), times);
        }
    }

    [Fact]
    public void Sound_alone_has_a_cluster_and_a_cue_each_second()
    {
        using var folder = new TemporaryFolder();
        var path = folder.At("sound.webm");
        using (var writer = SegmentWriter.Create(path, SegmentContainer.WebM, [Audio], new SegmentOptions()))
        {
            for (var i = 0; i < 500; i++) writer.Write(0, TimeSpan.FromMilliseconds(20 * i), true, Sound);
            writer.Close();
            Assert.Equal(TimeSpan.FromSeconds(10), writer.FlushedDuration);
            Assert.Equal(new FileInfo(path).Length, writer.FlushedBytes);
        }

        var file = File.ReadAllBytes(path);
        Assert.Equal(10, ClusterView.Read(file).Count);
        Assert.Equal(Enumerable.Range(0, 10).Select(i => i * 1000L), ClusterView.Cues(file).Select(cue => cue.Time));
    }

    [Fact]
    public void Closed_file_has_cues_that_point_to_clusters_with_keyframes()
    {
        using var folder = new TemporaryFolder();
        var path = folder.At("closed.webm");
        Frame.WriteFile(path, Frame.Of(CodecKind.Vp8), Frame.Of(CodecKind.Opus));
        var file = File.ReadAllBytes(path);

        var elements = ClusterView.Elements(file);
        Assert.Equal(0x114D9B74u, elements[0].Id);
        var clusters = ClusterView.Read(file).ToDictionary(cluster => cluster.At - elements[0].At);
        var cues = ClusterView.Cues(file);
        Assert.Equal([0L, 1000, 2000, 3000], cues.Select(cue => cue.Time));
        Assert.All(cues, cue => Assert.Contains(clusters[cue.Position].Blocks, block => block is { Track: 1, IsKeyframe: true } && block.Time == cue.Time));
        Assert.Equal("2.000000", Assert.Single(Ffmpeg.Probe(path, "-read_intervals 2.5%+#1 -select_streams v -show_entries packet=pts_time")).TrimEnd(','));
    }

    [Fact]
    public void Failed_disk_leaves_what_was_flushed_and_a_writer_that_can_be_disposed()
    {
        var output = new FailingStream();
        var writer = SegmentWriter.Create(output, SegmentContainer.WebM, [Video], new SegmentOptions());
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
        Assert.Equal(flushed, output.ToArray().Length);
        Assert.Single(ClusterView.Read(output.ToArray()));
    }

    [Fact]
    public void Writing_allocates_nothing_for_a_frame()
    {
        using var writer = SegmentWriter.Create(new DiscardingStream(), SegmentContainer.WebM, [Video, Audio], new SegmentOptions());
        var data = new byte[10_000];
        void Second(int second)
        {
            for (var i = 0; i < 30; i++) writer.Write(0, TimeSpan.FromMilliseconds((second * 1000) + (i * 33)), i == 0, data);
            writer.Flush();
        }

        for (var second = 0; second < 20; second++) Second(second);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var second = 20; second < 120; second++) Second(second);

        // The list of cues may grow: 24 bytes for each keyframe, doubled.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 16_000);
    }

    [Fact]
    public void H264_is_refused_in_WebM()
    {
        var format = new TrackFormat(CodecKind.H264, 320, 180, 0, new byte[7], "avc1.42e01f");
        Assert.Throws<ArgumentException>(() => SegmentWriter.Create(new MemoryStream(), SegmentContainer.WebM, [format], new SegmentOptions()));
    }

    [Fact]
    public void Existing_file_is_not_written_over()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.At("here.webm"), "kept");
        Assert.Throws<IOException>(() => SegmentWriter.Create(folder.At("here.webm"), SegmentContainer.WebM, [Video], new SegmentOptions()));
        Assert.Equal("kept", File.ReadAllText(folder.At("here.webm")));
    }

    private static byte[] ReadShared(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes;
    }
}
