using Broadcast.Media.Peers;
using Broadcast.Rtc;

namespace Broadcast.Simulation.Tests.BadInput;

/// <summary>Whatever a stranger sends, or sends in a peer's name, is counted and changes nothing.</summary>
public class MutilatedDatagramTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Every_datagram_at_every_length(int seed)
    {
        using var node = new AttackedNode(seed);
        foreach (var (from, bytes) in node.Samples().Append((node.Stranger, node.UnboundCheck)).ToArray())
        {
            for (var length = 0; length < bytes.Length; length++)
            {
                foreach (var source in node.Sources) AssertDropped(node, bytes.AsSpan(0, length), source);
            }
        }

        node.AssertUnharmed();
    }

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    public void Every_datagram_with_every_bit_flipped(int seed)
    {
        using var node = new AttackedNode(seed);
        foreach (var (from, bytes) in node.Samples(1).Append((node.Stranger, node.UnboundCheck)).ToArray())
        {
            // FINGERPRINT comes behind MESSAGE-INTEGRITY and says nothing that is not said there.
            var end = AttackedNode.Kind(bytes).Kind == DatagramKind.Stun ? bytes.Length - 8 : bytes.Length;
            for (var bit = 0; bit < end * 8; bit++)
            {
                var flipped = (byte[])bytes.Clone();
                flipped[bit / 8] ^= (byte)(1 << (bit % 8));
                AssertDropped(node, flipped, from);
            }
        }

        node.AssertUnharmed();
    }

    [Theory]
    [InlineData(21)]
    [InlineData(22)]
    [InlineData(23)]
    public void Random_bytes_of_every_class(int seed)
    {
        using var node = new AttackedNode(seed);
        var random = new Random(seed);
        var buffer = new byte[1600];
        for (var i = 0; i < 60_000; i++)
        {
            var datagram = buffer.AsSpan(0, random.Next(4) == 0 ? random.Next(1600) : random.Next(120));
            random.NextBytes(datagram);
            if (datagram.Length > 8) Disguise(datagram, random);
            AssertDropped(node, datagram, node.Sources[random.Next(3)]);
        }

        node.AssertUnharmed();
    }

    [Theory]
    [InlineData(31)]
    [InlineData(32)]
    public void Everything_again(int seed)
    {
        using var node = new AttackedNode(seed);
        foreach (var (from, bytes) in node.Recorded.ToArray())
        {
            if (AttackedNode.Kind(bytes).Kind != DatagramKind.Stun) AssertDropped(node, bytes, from);
        }

        Assert.True(node.Engine.Drops[DropReason.SrtpReplayed] + node.Engine.Drops[DropReason.SrtpTooOld] > 300);
        node.AssertUnharmed();
    }

    [Theory]
    [InlineData(41)]
    [InlineData(42)]
    public void Everything_from_another_address(int seed)
    {
        using var node = new AttackedNode(seed);
        foreach (var (_, bytes) in node.Recorded.ToArray())
        {
            if (AttackedNode.Kind(bytes).Kind == DatagramKind.Stun) continue;
            Assert.Equal(DropReason.UnknownTuple, node.Receive(bytes, node.Stranger));
        }

        foreach (var (from, bytes) in node.Recorded.ToArray())
        {
            // The viewer in the publisher's name, and the other way round.
            var other = from == node.Publisher.Host.Address ? node.Viewer.Host.Address : node.Publisher.Host.Address;
            if (AttackedNode.Kind(bytes).Kind is DatagramKind.Rtp or DatagramKind.Rtcp) Assert.NotEqual(DropReason.None, node.Receive(bytes, other));
        }

        node.AssertUnharmed();
    }

    private static void AssertDropped(AttackedNode node, ReadOnlySpan<byte> datagram, TransportAddress from)
    {
        var before = node.Drops();
        var reason = node.Receive(datagram, from);
        if (reason != DropReason.None)
        {
            Assert.Equal(before + 1, node.Drops());
            return;
        }

        // DTLS records that are not understood after the handshake are left unread, which is not worth a reason.
        Assert.True(DatagramDemultiplexer.Classify(datagram) == DatagramKind.Dtls && from != node.Stranger, $"{Convert.ToHexString(datagram)} was taken");
    }

    /// <summary>Makes noise look like what the engine reads further.</summary>
    private static void Disguise(Span<byte> datagram, Random random)
    {
        switch (random.Next(6))
        {
            case 0:
                datagram[0] = 0;
                datagram[1] = 1;
                var length = (datagram.Length - 20) & ~3;
                if (length < 0) return;
                (datagram[2], datagram[3]) = ((byte)(length >> 8), (byte)length);
                ((ReadOnlySpan<byte>)[0x21, 0x12, 0xA4, 0x42]).CopyTo(datagram[4..]);
                break;
            case 1:
                datagram[0] = (byte)random.Next(20, 64);
                (datagram[1], datagram[2]) = (0xFE, 0xFD);
                break;
            case 2:
                datagram[0] = (byte)(0x80 | random.Next(64));
                datagram[1] = (byte)random.Next(192, 224);
                break;
            case 3 or 4:
                datagram[0] = (byte)(0x80 | random.Next(64));
                break;
            default:
                break;
        }
    }
}
