using Broadcast.Media.Peers;
using Broadcast.Rtc;
using CsCheck;

namespace Broadcast.Media.Tests.Peers;

public class Rfc4571FramerTests
{
    private static byte[] Frame(byte[] datagram)
    {
        var frame = new byte[datagram.Length + 2];
        Assert.Equal(frame.Length, Rfc4571Framer.Write(datagram, frame));
        return frame;
    }

    private static DropReason Feed(Rfc4571Framer framer, ReadOnlySpan<byte> bytes, List<byte[]> frames)
    {
        while (!bytes.IsEmpty)
        {
            var space = framer.Space;
            Assert.False(space.IsEmpty);
            var length = Math.Min(space.Length, bytes.Length);
            bytes[..length].CopyTo(space);
            framer.Commit(length);
            bytes = bytes[length..];
            while (true)
            {
                var reason = framer.TryTake(out var frame);
                if (reason != DropReason.None) return reason;
                if (frame.IsEmpty) break;
                frames.Add(frame.ToArray());
            }
        }

        return DropReason.None;
    }

    [Fact]
    public void Write_PutsTheLengthInNetworkOrder() => Assert.Equal([0, 3, 7, 8, 9], Frame([7, 8, 9]));

    [Fact]
    public void Write_EmptyTooLongOrNoRoom_Throws()
    {
        Assert.Throws<ArgumentException>(() => Rfc4571Framer.Write([], new byte[10]));
        Assert.Throws<ArgumentException>(() => Rfc4571Framer.Write(new byte[65_536], new byte[70_000]));
        Assert.Throws<ArgumentException>(() => Rfc4571Framer.Write(new byte[10], new byte[11]));
    }

    [Fact]
    public void TryTake_EveryTruncation_GivesNoFrameYet()
    {
        var frame = Frame([1, 2, 3, 4, 5]);
        for (var length = 0; length < frame.Length; length++)
        {
            var framer = new Rfc4571Framer();
            var frames = new List<byte[]>();
            Assert.Equal(DropReason.None, Feed(framer, frame.AsSpan(0, length), frames));
            Assert.Empty(frames);
            Feed(framer, frame.AsSpan(length), frames);
            Assert.Equal([1, 2, 3, 4, 5], Assert.Single(frames));
        }
    }

    [Fact]
    public void TryTake_LongestFrame_Fits()
    {
        var frames = new List<byte[]>();
        var framer = new Rfc4571Framer();
        for (var i = 0; i < 5; i++) Assert.Equal(DropReason.None, Feed(framer, Frame(new byte[2048]), frames));
        Assert.All(frames, frame => Assert.Equal(2048, frame.Length));
        Assert.Equal(5, frames.Count);
    }

    [Fact]
    public void TryTake_TooLong_IsSeenInTheHeaderAlready() =>
        Assert.Equal(DropReason.TcpFrameTooLarge, Feed(new Rfc4571Framer(), [0x08, 0x01], []));

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n")]
    [InlineData("\u0016\u0003\u0001\u0002\u0000")] // a TLS ClientHello
    [InlineData("SSH-2.0-")]
    public void TryTake_OtherProtocols_AreNotFrames(string start) =>
        Assert.Equal(DropReason.TcpFrameTooLarge, Feed(new Rfc4571Framer(), System.Text.Encoding.Latin1.GetBytes(start), []));

    [Fact]
    public void TryTake_EmptyFrame_EndsTheStream()
    {
        var frames = new List<byte[]>();
        Assert.Equal(DropReason.TcpFrameEmpty, Feed(new Rfc4571Framer(), [0, 1, 9, 0, 0], frames));
        Assert.Single(frames);
    }

    [Fact]
    public void TryTake_AnySplitOfTheStream_GivesTheSameFrames()
    {
        var datagrams = Gen.Byte.Array[1, 300].Array[0, 40];
        Gen.Select(datagrams, Gen.Int[1, 700].Array[1, 20]).Sample((sent, splits) =>
        {
            var stream = sent.SelectMany(Frame).ToArray();
            var framer = new Rfc4571Framer(maxFrameLength: 300);
            var frames = new List<byte[]>();
            for (int at = 0, i = 0; at < stream.Length; i++)
            {
                var length = Math.Min(splits[i % splits.Length], stream.Length - at);
                Assert.Equal(DropReason.None, Feed(framer, stream.AsSpan(at, length), frames));
                at += length;
            }

            Assert.Equal(sent, frames);
        });
    }

    [Fact]
    public void TryTake_RandomBytes_EndsOrGivesFramesWithinTheLimit() =>
        Gen.Byte.Array[0, 10_000].Sample(bytes =>
        {
            var frames = new List<byte[]>();
            Feed(new Rfc4571Framer(), bytes, frames);
            Assert.All(frames, frame => Assert.InRange(frame.Length, 1, 2048));
        });

    [Fact]
    public void Commit_MoreThanSpace_Throws()
    {
        var framer = new Rfc4571Framer();
        var room = framer.Space.Length;
        Assert.Throws<ArgumentOutOfRangeException>(() => framer.Commit(room + 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => framer.Commit(-1));
    }
}
