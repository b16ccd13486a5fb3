using System.Buffers.Binary;
using Broadcast.Recording.Frames;
using Broadcast.Recording.Matroska;
using Broadcast.Recording.Mp4;
using Broadcast.Recording.Tests.Bitstreams;
using Broadcast.Rtc;

namespace Broadcast.Recording.Tests.Mp4;

public class FragmentRepairTests
{
    private static readonly (byte[] Bytes, TimeSpan Duration) Whole = Make();

    private static (byte[] Bytes, TimeSpan Duration) Make()
    {
        var output = new MemoryStream();
        var tracks = new List<List<Frame>> { Frame.Of(CodecKind.H264), Frame.Of(CodecKind.Opus) };
        using var writer = FragmentWriter.Create(output, [.. tracks.Select(frames => frames[0].Format)], new SegmentOptions { ClusterDuration = TimeSpan.FromSeconds(0.4) });
        Frame.Write(writer, tracks);
        writer.Flush();
        return (output.ToArray(), writer.FlushedDuration);
    }

    [Fact]
    public void File_cut_anywhere_keeps_exactly_its_whole_fragments()
    {
        var file = Whole.Bytes;
        var fragments = FragmentView.Read(file);
        Assert.True(fragments.Count >= 10);
        var random = new Random(11);
        using var folder = new TemporaryFolder();
        var cuts = Enumerable.Range(0, 30).Select(_ => random.Next(fragments[0].At))
            .Concat(fragments.SelectMany(fragment => Enumerable.Range(-10, 40).Select(i => fragment.At + i)))
            .Concat(Enumerable.Range(0, 120).Select(_ => random.Next(fragments[0].At, file.Length)))
            .ToList();
        var decoded = 0;
        foreach (var cut in cuts)
        {
            using var torn = new MemoryStream();
            torn.Write(file.AsSpan(0, cut));
            var repaired = SegmentRepair.Repair(torn);
            var whole = fragments.Where(fragment => fragment.End <= cut).ToList();
            if (whole.Count == 0)
            {
                Assert.Null(repaired);
                Assert.Equal(file[..cut], torn.ToArray());
                continue;
            }

            Assert.Equal(whole[^1].End, repaired!.Bytes);
            Assert.Equal(file[..whole[^1].End], torn.ToArray());
            var end = whole.SelectMany(fragment => fragment.Samples).Max(sample => (sample.Shown + sample.Duration) / (sample.Track == 1 ? 90_000.0 : 48_000));
            Assert.Equal(end, repaired.Duration.TotalSeconds, 0.001);
            Assert.Equal(repaired, SegmentRepair.Repair(torn));

            // :: And a player plays it
            if (decoded >= 12 || random.Next(12) != 0) continue;
            decoded++;
            var path = folder.At("repaired.mp4");
            File.WriteAllBytes(path, torn.ToArray());
            Assert.Equal("", Ffmpeg.Decode(path));
            var pictures = whole.Sum(fragment => fragment.Of(1).Count());
            Assert.Equal(Clip.Of(CodecKind.H264).Hashes[..pictures], Ffmpeg.PictureHashes(path));
        }

        Assert.Equal(12, decoded);
    }

    [Fact]
    public void Complete_file_is_left_as_it_is()
    {
        using var folder = new TemporaryFolder();
        var path = folder.At("complete.mp4");
        File.WriteAllBytes(path, Whole.Bytes);
        File.SetLastWriteTimeUtc(path, DateTime.UnixEpoch);
        var repaired = SegmentRepair.Repair(path);
        Assert.Equal(Whole.Bytes.Length, repaired!.Bytes);
        Assert.Equal(Whole.Duration, repaired.Duration);
        Assert.Equal(Whole.Bytes, File.ReadAllBytes(path));
        Assert.Equal(DateTime.UnixEpoch, File.GetLastWriteTimeUtc(path));
    }

    [Fact]
    public void Torn_file_is_cut_on_the_disk_too_whatever_its_name()
    {
        using var folder = new TemporaryFolder();
        var path = folder.At("torn.webm");
        var last = FragmentView.Read(Whole.Bytes)[^1];
        File.WriteAllBytes(path, Whole.Bytes[..^10]);
        Assert.Equal(last.At, SegmentRepair.Repair(path)!.Bytes);
        Assert.Equal(Whole.Bytes[..last.At], File.ReadAllBytes(path));
    }

    [Fact]
    public void Zeros_behind_the_last_fragment_are_cut_off()
    {
        using var torn = new MemoryStream();
        torn.Write(Whole.Bytes);
        torn.Write(new byte[100_000]);
        Assert.Equal(Whole.Bytes.Length, SegmentRepair.Repair(torn)!.Bytes);
        Assert.Equal(Whole.Bytes, torn.ToArray());
    }

    [Fact]
    public void Description_whose_samples_are_not_in_its_data_ends_the_file()
    {
        var fragments = FragmentView.Read(Whole.Bytes);
        var file = (byte[])Whole.Bytes.Clone();
        var sizeAt = fragments[5].Samples[0].At - 8;
        var size = BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(sizeAt));
        BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(sizeAt), size - 1);
        using var torn = new MemoryStream();
        torn.Write(file);
        Assert.Equal(fragments[5].At, SegmentRepair.Repair(torn)!.Bytes);
    }

    [Fact]
    public void Damaged_files_never_throw()
    {
        var file = Whole.Bytes;
        var header = FragmentView.Read(file)[0].Samples[0].At;
        var random = new Random(17);
        var (repairs, refusals) = (0, 0);
        for (var round = 0; round < 5000; round++)
        {
            var damaged = file[..random.Next(8, file.Length / 2)];
            if (round % 10 == 0) random.NextBytes(damaged.AsSpan(8));
            for (var i = random.Next(12); i > 0; i--)
            {
                byte[] values = [0, 1, 0x7F, 0x80, 0xFF, (byte)random.Next(256)];
                damaged[random.Next(8, Math.Min(round % 2 == 0 ? damaged.Length : header, damaged.Length) + (damaged.Length == 8 ? 1 : 0)) % damaged.Length] = values[random.Next(values.Length)];
            }

            using var stream = new MemoryStream();
            stream.Write(damaged);
            var repaired = SegmentRepair.Repair(stream);
            if (repaired is null)
            {
                refusals++;
                Assert.Equal(damaged, stream.ToArray());
                continue;
            }

            repairs++;
            Assert.Equal(stream.Length, repaired.Bytes);
            Assert.True(repaired.Duration >= TimeSpan.Zero);
        }

        Assert.InRange(repairs, 500, 4500);
        Assert.InRange(refusals, 500, 4500);
    }

    /// <summary>Runs of very many samples in few bytes, and times of thousands of years.</summary>
    [Theory]
    [InlineData(0, uint.MaxValue)]
    [InlineData(0, 1 << 20)]
    [InlineData(ulong.MaxValue, 1)]
    [InlineData(1UL << 49, 1)]
    public void Hostile_numbers_cost_neither_time_nor_an_exception(ulong time, uint count)
    {
        var fragments = FragmentView.Read(Whole.Bytes);
        using var to = new BoxWriter();
        to.Write(Whole.Bytes.AsSpan(0, fragments[0].At));
        var description = to.Begin("moof"u8);
        var track = to.Begin("traf"u8);
        var header = to.Begin("tfhd"u8, 0, TrackFragment.BaseIsFragment);
        to.Write32(1);
        to.End(header);
        var clock = to.Begin("tfdt"u8, 1, 0);
        to.Write64(time);
        to.End(clock);
        for (var i = 0; i < 200_000; i++)
        {
            var run = to.Begin("trun"u8, 0, 0);
            to.Write32(count);
            to.End(run);
        }

        to.End(track);
        to.End(description);
        to.End(to.Begin("mdat"u8));
        using var file = new MemoryStream();
        file.Write(to.Written);
        Assert.Null(SegmentRepair.Repair(file));
    }
}
