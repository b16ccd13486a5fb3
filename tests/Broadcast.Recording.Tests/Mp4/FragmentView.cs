using System.Buffers.Binary;
using System.Text;

namespace Broadcast.Recording.Tests.Mp4;

/// <summary>A sample of a fragment; times in ticks of its track.</summary>
internal sealed record SampleView(int Track, long Decoded, long Shown, long Duration, bool IsKeyframe, int At, int Length);

/// <summary>A reader of MP4 of its own for the tests; throws on anything that is out of order.</summary>
internal sealed record FragmentView(int At, int End, int Number, IReadOnlyList<SampleView> Samples)
{
    public IEnumerable<SampleView> Of(int track) => Samples.Where(sample => sample.Track == track);

    public long StartOf(int track) => Of(track).First().Decoded;

    /// <summary>Boxes side by side.</summary>
    public static List<(string Type, int At, int BodyAt, int End)> Boxes(byte[] file, int at, int end)
    {
        var boxes = new List<(string, int, int, int)>();
        while (at < end)
        {
            var size = BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(at));
            Assert.InRange(size, 8, end - at);
            boxes.Add((Encoding.ASCII.GetString(file, at + 4, 4), at, at + 8, at + size));
            at += size;
        }

        return boxes;
    }

    public static List<FragmentView> Read(byte[] file)
    {
        var boxes = Boxes(file, 0, file.Length);
        Assert.Equal(["ftyp", "moov"], boxes.Take(2).Select(box => box.Type));
        var fragments = new List<FragmentView>();
        for (var i = 2; i < boxes.Count; i += 2)
        {
            Assert.Equal(("moof", "mdat"), (boxes[i].Type, boxes[i + 1].Type));
            var children = Boxes(file, boxes[i].BodyAt, boxes[i].End);
            Assert.Equal("mfhd", children[0].Type);
            var samples = children.Skip(1).SelectMany(child => ReadSamples(file, boxes[i].At, child)).ToList();

            // :: The samples fill the mdat without a hole
            var at = boxes[i + 1].BodyAt;
            foreach (var sample in samples)
            {
                Assert.Equal(at, sample.At);
                at += sample.Length;
            }

            Assert.Equal(boxes[i + 1].End, at);
            fragments.Add(new FragmentView(boxes[i].At, at, (int)ReadNumber(file, children[0].BodyAt + 4), samples));
        }

        Assert.Equal(Enumerable.Range(1, fragments.Count), fragments.Select(fragment => fragment.Number));
        return fragments;
    }

    private static List<SampleView> ReadSamples(byte[] file, int fragmentAt, (string Type, int At, int BodyAt, int End) track)
    {
        Assert.Equal("traf", track.Type);
        var boxes = Boxes(file, track.BodyAt, track.End).ToDictionary(box => box.Type);
        var number = (int)ReadNumber(file, boxes["tfhd"].BodyAt + 4);
        var time = BinaryPrimitives.ReadInt64BigEndian(file.AsSpan(boxes["tfdt"].BodyAt + 4));
        var at = boxes["trun"].BodyAt;
        var (flags, count, dataAt) = (ReadNumber(file, at), ReadNumber(file, at + 4), fragmentAt + (int)ReadNumber(file, at + 8));
        at += 12;
        var samples = new List<SampleView>();
        long Next(uint flag)
        {
            if ((flags & flag) == 0) return 0;
            at += 4;
            return ReadNumber(file, at - 4);
        }

        for (var i = 0; i < count; i++)
        {
            var (duration, length, sampleFlags, offset) = (Next(0x100), (int)Next(0x200), Next(0x400), Next(0x800));
            samples.Add(new SampleView(number, time, time + offset, duration, (sampleFlags & 0x1_0000) == 0, dataAt, length));
            time += duration;
            dataAt += length;
        }

        Assert.Equal(boxes["trun"].End, at);
        return samples;
    }

    private static uint ReadNumber(byte[] file, int at) => BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(at));
}
