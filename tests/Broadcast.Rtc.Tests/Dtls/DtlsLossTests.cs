using Broadcast.Rtc.Dtls;

namespace Broadcast.Rtc.Tests.Dtls;

/// <summary>Handshakes over networks that lose, repeat and reorder, with flights in one datagram and in many.</summary>
public sealed class DtlsLossTests
{
    private static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(10);

    public static TheoryData<int> Mtus => [1200, 300, 256];

    [Theory]
    [MemberData(nameof(Mtus))]
    public void Losing_any_single_datagram_only_delays_the_handshake(int mtu)
    {
        int total;
        using (var pair = new DtlsPair(mtu: mtu)) total = pair.Run().Sent.Count;
        Assert.InRange(total, 4, 40);
        for (var lost = 0; lost < total; lost++)
        {
            using var pair = new DtlsPair(mtu: mtu);
            pair.Network = (n, _) => n == lost ? [] : [Delay];
            pair.Run().AssertConnected();
        }
    }

    [Theory]
    [MemberData(nameof(Mtus))]
    public void Losing_any_datagram_and_its_first_retransmissions_only_delays_the_handshake(int mtu)
    {
        int total;
        using (var pair = new DtlsPair(mtu: mtu)) total = pair.Run().Sent.Count;
        for (var lost = 0; lost < total; lost++)
        {
            // The next datagrams in the same direction include the retransmission.
            var left = 0;
            var direction = false;
            using var pair = new DtlsPair(mtu: mtu);
            pair.Network = (n, datagram) =>
            {
                if (n == lost) (left, direction) = (4, datagram.ToServer);
                return datagram.ToServer == direction && left-- > 0 ? [] : [Delay];
            };
            pair.Run().AssertConnected();
        }
    }

    [Theory]
    [MemberData(nameof(Mtus))]
    public void Duplicates_are_harmless(int mtu)
    {
        using var pair = new DtlsPair(mtu: mtu);
        pair.Network = (_, _) => [Delay, Delay, Delay * 3];
        pair.Run().AssertConnected();
    }

    [Theory]
    [MemberData(nameof(Mtus))]
    public void Flights_arriving_backwards_connect(int mtu)
    {
        using var pair = new DtlsPair(mtu: mtu);
        pair.Network = (n, _) => [Delay - TimeSpan.FromTicks(n)];
        pair.Run().AssertConnected();
        Assert.True(mtu == 1200 || pair.Sent.Count > 4);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void A_client_hello_in_fragments_connects_in_any_order(int fragments)
    {
        // As the post-quantum hellos of current browsers come (1,413 and 1,461 bytes), and worse.
        foreach (var order in Permutations(fragments))
        {
            foreach (var repeated in new[] { false, true })
            {
                using var pair = new DtlsPair();
                pair.Client.Start(pair.Now);
                var hello = Fragment(Assert.Single(DtlsPair.Take(pair.Client)), fragments);
                foreach (var i in order)
                {
                    Assert.Empty(DtlsPair.Take(pair.Server));
                    Assert.Equal(DropReason.None, pair.Server.Receive(hello[i], pair.Now));
                    if (repeated) Assert.Equal(DropReason.None, pair.Server.Receive(hello[i], pair.Now));
                }

                pair.Continue().AssertConnected();
            }
        }
    }

    [Fact]
    public void A_client_hello_whose_fragments_are_lost_in_turn_connects()
    {
        using var pair = new DtlsPair();
        pair.Client.Start(pair.Now);
        var first = Fragment(Assert.Single(DtlsPair.Take(pair.Client)), 2);
        pair.Client.HandleTimeout(pair.Client.NextTimeout);
        var again = Fragment(Assert.Single(DtlsPair.Take(pair.Client)), 2);
        pair.Server.Receive(first[1], pair.Now);
        pair.Server.Receive(again[0], pair.Now);
        pair.Continue().AssertConnected();
    }

    [Fact]
    public void Random_loss_duplication_and_reordering_end_in_a_connection()
    {
        for (var seed = 0; seed < 60; seed++)
        {
            var random = new Random(seed);
            using var pair = new DtlsPair(mtu: seed % 2 == 0 ? 1200 : 300);
            pair.Network = (_, _) => Enumerable.Range(0, random.Next(3)).Select(_ => TimeSpan.FromMilliseconds(random.Next(1, 250)));
            pair.Run();
            pair.AssertConnected();
        }
    }

    /// <summary>Splits a record with one handshake message into records with a fragment each (RFC 6347 §4.2.3).</summary>
    private static byte[][] Fragment(byte[] datagram, int count)
    {
        const int handshakeHeader = 12;
        var message = datagram.AsSpan(DtlsRecord.HeaderLength);
        var body = message[handshakeHeader..];
        var fragments = new byte[count][];
        for (var i = 0; i < count; i++)
        {
            var (start, end) = (body.Length * i / count, body.Length * (i + 1) / count);
            var record = new byte[DtlsRecord.HeaderLength + handshakeHeader + end - start];
            DtlsRecord.WriteHeader(
                record, DtlsContentType.Handshake, (DtlsRecord.EpochAndSequence(datagram) * (ulong)count) + (ulong)i, record.Length - DtlsRecord.HeaderLength);
            message[..6].CopyTo(record.AsSpan(13));
            record[13 + 7] = (byte)(start >> 8);
            record[13 + 8] = (byte)start;
            record[13 + 10] = (byte)((end - start) >> 8);
            record[13 + 11] = (byte)(end - start);
            body[start..end].CopyTo(record.AsSpan(13 + handshakeHeader));
            fragments[i] = record;
        }

        return fragments;
    }

    private static IEnumerable<int[]> Permutations(int count) =>
        count == 0
            ? [[]]
            : Permutations(count - 1).SelectMany(shorter => Enumerable.Range(0, count).Select(at => (int[])[.. shorter[..at], count - 1, .. shorter[at..]]));
}
