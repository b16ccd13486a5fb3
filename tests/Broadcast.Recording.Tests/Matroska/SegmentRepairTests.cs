using Broadcast.Recording.Frames;
using Broadcast.Recording.Matroska;
using Broadcast.Recording.Tests.Bitstreams;
using Broadcast.Rtc;
using Broadcast.Vod.Recordings;

namespace Broadcast.Recording.Tests.Matroska;

public class SegmentRepairTests
{
    private static byte[] OpenFile(bool isClosed = false)
    {
        using var folder = new TemporaryFolder();
        var path = folder.At("a.webm");
        var tracks = new List<List<Frame>> { Frame.Of(CodecKind.Vp8), Frame.Of(CodecKind.Opus) };
        using (var writer = SegmentWriter.Create(path, SegmentContainer.WebM, [.. tracks.Select(frames => frames[0].Format)], new SegmentOptions()))
        {
            Frame.Write(writer, tracks);
            writer.Flush();
            if (isClosed) writer.Close();
        }

        return File.ReadAllBytes(path);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void File_cut_anywhere_is_whole_up_to_the_cut_after_a_repair(bool isClosed)
    {
        var file = OpenFile(isClosed);
        var clusters = ClusterView.Read(file);
        var header = clusters[0].At;
        var random = new Random(11);
        using var folder = new TemporaryFolder();
        var cuts = Enumerable.Range(0, 30).Select(_ => random.Next(header))
            .Concat(clusters.SelectMany(cluster => Enumerable.Range(-6, 30).Select(i => cluster.At + i)))
            .Concat(Enumerable.Range(0, 120).Select(_ => random.Next(header, file.Length)))
            .Where(cut => cut < file.Length)
            .ToList();
        var decoded = 0;
        foreach (var cut in cuts)
        {
            using var torn = new MemoryStream();
            torn.Write(file.AsSpan(0, cut));
            var repaired = SegmentRepair.Repair(torn);
            var whole = clusters.Where(cluster => cluster.End <= cut).ToList();
            if (repaired is null)
            {
                Assert.Empty(whole);
                Assert.Equal(file[..cut], torn.ToArray());
                continue;
            }

            // :: All whole clusters are there as they were, and nothing that was not written
            var bytes = torn.ToArray();
            Assert.Equal(bytes.Length, repaired.Bytes);
            var after = ClusterView.Read(bytes);
            Assert.InRange(after.Count, whole.Count, whole.Count + 1);
            for (var i = 0; i < after.Count; i++)
            {
                Assert.Equal(clusters[i].Time, after[i].Time);
                Assert.Equal(clusters[i].Blocks.Take(after[i].Blocks.Count), after[i].Blocks);
                if (i < whole.Count) Assert.Equal(clusters[i].Blocks.Count, after[i].Blocks.Count);
            }

            if (whole.Count > 0) Assert.InRange(repaired.Duration.TotalMilliseconds, whole[^1].Blocks[^1].Time, 4100);

            // :: The second repair finds nothing to do
            var again = SegmentRepair.Repair(torn);
            Assert.Equal(repaired, again);
            Assert.Equal(bytes, torn.ToArray());

            // :: And a player plays it
            if (decoded > 25 || random.Next(8) != 0) continue;
            decoded++;
            var path = folder.At("repaired.webm");
            File.WriteAllBytes(path, bytes);
            Assert.Equal("", Ffmpeg.Decode(path));
            var pictures = after.Sum(cluster => cluster.Blocks.Count(block => block.Track == 1));
            Assert.Equal(Clip.Of(CodecKind.Vp8).Hashes[..pictures], pictures == 0 ? [] : Ffmpeg.PictureHashes(path));
        }

        Assert.True(decoded > 10);
    }

    [Fact]
    public void Complete_file_is_left_as_it_is()
    {
        using var folder = new TemporaryFolder();
        var path = folder.At("complete.webm");
        File.WriteAllBytes(path, OpenFile(isClosed: true));
        var before = File.ReadAllBytes(path);
        var repaired = SegmentRepair.Repair(path);
        Assert.Equal(before.Length, repaired!.Bytes);
        Assert.InRange(repaired.Duration.TotalSeconds, Clip.Seconds, Clip.Seconds + 0.05);
        Assert.Equal(before, File.ReadAllBytes(path));
    }

    [Fact]
    public void Repaired_file_has_the_duration_and_cues_of_a_closed_one()
    {
        using var torn = new MemoryStream();
        torn.Write(OpenFile());
        SegmentRepair.Repair(torn);
        Assert.Equal(OpenFile(isClosed: true), torn.ToArray());
    }

    [Fact]
    public void Zeros_behind_the_last_cluster_are_cut_off()
    {
        var whole = OpenFile();
        using var torn = new MemoryStream();
        torn.Write(whole);
        torn.Write(new byte[100_000]);
        SegmentRepair.Repair(torn);
        Assert.Equal(OpenFile(isClosed: true), torn.ToArray());
    }

    [Fact]
    public void Cluster_of_unknown_size_gets_one()
    {
        var file = OpenFile();
        var clusters = ClusterView.Read(file);
        foreach (var cluster in clusters) ((ReadOnlySpan<byte>)[0x1F, 0xFF, 0xFF, 0xFF]).CopyTo(file.AsSpan(cluster.At + 4));
        using var torn = new MemoryStream();
        torn.Write(file);
        SegmentRepair.Repair(torn);
        Assert.Equal(OpenFile(isClosed: true), torn.ToArray());
    }

    [Fact]
    public void Repair_that_was_itself_killed_can_be_repeated()
    {
        var file = OpenFile();
        var torn = file[..^500];
        using var expected = new MemoryStream();
        expected.Write(torn);
        SegmentRepair.Repair(expected);

        var kills = 0;
        for (var writes = 0; ; writes++)
        {
            using var stream = new KilledStream { WritesLeft = int.MaxValue };
            stream.Write(torn);
            stream.WritesLeft = writes;
            try
            {
                SegmentRepair.Repair(stream);
                break;
            }
            catch (IOException)
            {
                kills++;
            }

            stream.WritesLeft = int.MaxValue;
            Assert.NotNull(SegmentRepair.Repair(stream));
            Assert.Equal(expected.ToArray(), stream.ToArray());
        }

        Assert.True(kills >= 4);
    }

    [Fact]
    public void Damaged_files_never_throw()
    {
        var file = OpenFile(isClosed: true);
        var header = ClusterView.Read(file)[0].At;
        var random = new Random(17);
        var repairs = 0;
        for (var round = 0; round < 3000; round++)
        {
            var damaged = round % 10 == 0 ? new byte[random.Next(5000)] : file[..random.Next(file.Length / 4)];
            if (round % 10 == 0) random.NextBytes(damaged);
            for (var i = random.Next(20); i > 0 && damaged.Length > 0; i--)
            {
                damaged[random.Next(round % 2 == 0 ? damaged.Length : Math.Min(header + 40, damaged.Length))] = (byte)random.Next(256);
            }

            using var stream = new MemoryStream();
            stream.Write(damaged);
            var repaired = SegmentRepair.Repair(stream);
            if (repaired is null) continue;
            repairs++;
            Assert.Equal(stream.Length, repaired.Bytes);
            Assert.True(repaired.Duration >= TimeSpan.Zero);
        }

        Assert.InRange(repairs, 100, 3000);
    }

    [Fact]
    public void Missing_file_is_an_IOException() =>
        Assert.Throws<FileNotFoundException>(() => SegmentRepair.Repair(Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("N"))));

    /// <summary>Stops in the middle of a write.</summary>
    private sealed class KilledStream : MemoryStream
    {
        public int WritesLeft { get; set; }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            if (WritesLeft-- > 0)
            {
                base.Write(buffer);
                return;
            }

            base.Write(buffer[..(buffer.Length / 2)]);
            throw new IOException("Killed.");
        }
    }
}
