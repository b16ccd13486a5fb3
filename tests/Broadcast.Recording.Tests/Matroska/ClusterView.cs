using System.Numerics;

namespace Broadcast.Recording.Tests.Matroska;

/// <summary>A reader of Matroska of its own for the tests: top-level elements and blocks; throws on anything that is out of order.</summary>
internal sealed record ClusterView(int At, int End, long Time, IReadOnlyList<(int Track, long Time, bool IsKeyframe, int Length)> Blocks)
{
    private const uint Segment = 0x18538067;
    private const uint Cluster = 0x1F43B675;

    /// <summary>Ids and places of what is in the Segment.</summary>
    public static List<(uint Id, int At, int BodyAt, int End)> Elements(ReadOnlySpan<byte> file)
    {
        var (id, _, headerEnd) = Element(file, 0);
        Assert.Equal(0x1A45DFA3u, id);
        var (segment, at, _) = Element(file, headerEnd);
        Assert.Equal(Segment, segment);
        var elements = new List<(uint, int, int, int)>();
        while (at < file.Length)
        {
            var (child, bodyAt, end) = Element(file, at);
            Assert.InRange(end, bodyAt, file.Length);
            elements.Add((child, at, bodyAt, end));
            at = end;
        }

        return elements;
    }

    public static List<ClusterView> Read(ReadOnlySpan<byte> file)
    {
        var clusters = new List<ClusterView>();
        foreach (var (id, clusterAt, bodyAt, end) in Elements(file))
        {
            if (id != Cluster) continue;
            var blocks = new List<(int, long, bool, int)>();
            long time = -1;
            for (var at = bodyAt; at < end;)
            {
                var (child, childAt, childEnd) = Element(file, at);
                if (child == 0xE7) time = Number(file[childAt..childEnd]);
                if (child == 0xA3)
                {
                    var relative = (short)((file[childAt + 1] << 8) | file[childAt + 2]);
                    blocks.Add((file[childAt] & 0x7F, time + relative, (file[childAt + 3] & 0x80) != 0, childEnd - childAt - 4));
                }

                at = childEnd;
            }

            clusters.Add(new ClusterView(clusterAt, end, time, blocks));
        }

        return clusters;
    }

    /// <summary>Positions of clusters in the cues, from the Segment's data on.</summary>
    public static List<(long Time, int Position)> Cues(ReadOnlySpan<byte> file)
    {
        var cues = new List<(long, int)>();
        foreach (var (id, _, bodyAt, end) in Elements(file))
        {
            if (id != 0x1C53BB6B) continue;
            for (var at = bodyAt; at < end;)
            {
                var (_, pointAt, pointEnd) = Element(file, at);
                var (_, timeAt, timeEnd) = Element(file, pointAt);
                var (_, positionsAt, _) = Element(file, timeEnd);
                var (_, _, trackEnd) = Element(file, positionsAt);
                var (_, clusterAt, clusterEnd) = Element(file, trackEnd);
                cues.Add((Number(file[timeAt..timeEnd]), (int)Number(file[clusterAt..clusterEnd])));
                at = pointEnd;
            }
        }

        return cues;
    }

    private static (uint Id, int BodyAt, int End) Element(ReadOnlySpan<byte> file, int at)
    {
        var idLength = BitOperations.LeadingZeroCount((uint)file[at]) - 23;
        var id = (uint)Number(file.Slice(at, idLength));
        at += idLength;
        var sizeLength = BitOperations.LeadingZeroCount((uint)file[at]) - 23;
        var size = Number(file.Slice(at, sizeLength)) & ((1L << (7 * sizeLength)) - 1);
        var isUnknown = size == (1L << (7 * sizeLength)) - 1;
        at += sizeLength;
        return (id, at, isUnknown ? file.Length : (int)(at + size));
    }

    private static long Number(ReadOnlySpan<byte> bytes)
    {
        long value = 0;
        foreach (var octet in bytes) value = (value << 8) | octet;
        return value;
    }
}
