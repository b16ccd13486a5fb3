using System.Buffers.Binary;
using Broadcast.Media.Peers;
using Broadcast.Rtc;

namespace Broadcast.Fuzz.Targets;

/// <summary>A TCP stream cut into reads: the first byte says how long they are, the rest is the stream.</summary>
internal sealed class Rfc4571Target : FuzzTarget
{
    public override string Name => "rfc4571";

    public override IReadOnlyList<byte[]> Corpus { get; } =
    [
        [1, 0, 3, 1, 2, 3, 0, 1, 9, 0, 5, 1, 2, 3, 4, 5],
        [255, 0, 20, .. new byte[20], 0, 4, 22, 1, 2, 3],
        [7, .. Frame(2048), .. Frame(2047), .. Frame(1)],
    ];

    public override bool Run(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty) return false;
        var readLength = Math.Max(1, (int)input[0]);
        var stream = input[1..];
        var framer = new Rfc4571Framer();
        var position = 0;
        for (var rest = stream; !rest.IsEmpty;)
        {
            var space = framer.Space;
            Invariant.Holds(!space.IsEmpty, "there is room whenever no frame is left");
            var length = Math.Min(Math.Min(readLength, rest.Length), space.Length);
            rest[..length].CopyTo(space);
            framer.Commit(length);
            rest = rest[length..];
            while (true)
            {
                var reason = framer.TryTake(out var frame);
                if (reason != DropReason.None)
                {
                    Invariant.Holds(Announced(stream, position) is 0 or > Rfc4571Framer.DefaultMaxFrameLength, "only a length of nothing or too much ends a stream");
                    return false;
                }

                if (frame.IsEmpty) break;
                Invariant.Holds(frame.Length == Announced(stream, position), "a frame has the announced length");
                Invariant.Holds(frame.SequenceEqual(stream.Slice(position + Rfc4571Framer.HeaderLength, frame.Length)), "frames come out as they went in");
                position += Rfc4571Framer.HeaderLength + frame.Length;
            }
        }

        return position == stream.Length && position > 0;
    }

    private static int Announced(ReadOnlySpan<byte> stream, int position) => BinaryPrimitives.ReadUInt16BigEndian(stream[position..]);

    private static byte[] Frame(int length)
    {
        var frame = new byte[Rfc4571Framer.HeaderLength + length];
        Rfc4571Framer.Write(new byte[length], frame);
        return frame;
    }
}
