using Broadcast.Rtc.Dtls;
using CsCheck;

namespace Broadcast.Rtc.Tests.Dtls;

public sealed class DtlsBadInputTests
{
    [Fact]
    public void Truncations_of_every_datagram_at_every_length_change_nothing()
    {
        using var pair = new DtlsPair();
        pair.Network = (n, datagram) =>
        {
            var receiver = datagram.ToServer ? pair.Server : pair.Client;
            var state = receiver.State;
            for (var length = 0; length < datagram.Bytes.Length; length++)
            {
                // A flight cut between two records is a shorter but valid datagram.
                if (EndsARecord(datagram.Bytes, length)) continue;
                Assert.Contains(
                    receiver.Receive(datagram.Bytes.AsSpan(0, length), pair.Now), new[] { DropReason.Empty, DropReason.DtlsTruncated });
            }

            Assert.Equal(state, receiver.State);
            return [TimeSpan.FromMilliseconds(1)];
        };
        pair.Run().AssertConnected();

        static bool EndsARecord(byte[] datagram, int length)
        {
            var offset = 0;
            while (offset < length) offset += DtlsRecord.TotalLength(datagram.AsSpan(offset));
            return length > 0 && offset == length;
        }
    }

    [Fact]
    public void Random_datagrams_never_connect_and_never_throw()
    {
        using var pair = new DtlsPair();
        Gen.Select(Gen.Int[20, 63], Gen.Byte.Array[0, 400]).Sample(
            (first, bytes) =>
            {
                if (bytes.Length > 0) bytes[0] = (byte)first;
                pair.Server.Receive(bytes, pair.Now);
                Assert.NotEqual(DtlsState.Connected, pair.Server.State);
            },
            threads: 1);
        pair.Run().AssertConnected();
    }

    [Fact]
    public void Random_records_never_connect_and_never_throw()
    {
        Gen.Select(Gen.Int[20, 23], Gen.Int[0, 1], Gen.Byte.Array[0, 200]).Sample(
            (type, epoch, fragment) =>
            {
                using var pair = new DtlsPair();
                var record = new byte[DtlsRecord.HeaderLength + fragment.Length];
                DtlsRecord.WriteHeader(record, (DtlsContentType)type, (ulong)epoch << 48, fragment.Length);
                fragment.CopyTo(record, DtlsRecord.HeaderLength);
                pair.Server.Receive(record, pair.Now);
                pair.Server.Receive(record, pair.Now);
                Assert.NotEqual(DtlsState.Connected, pair.Server.State);
            },
            iter: 200,
            threads: 1);
    }

    [Fact]
    public void Changed_handshake_bytes_never_connect_the_ends_differently()
    {
        // Both hash the whole handshake into Finished, so a change is either repaired by retransmission or fatal.
        for (var seed = 0; seed < 150; seed++)
        {
            var random = new Random(seed);
            var target = random.Next(4);
            using var pair = new DtlsPair();
            pair.Network = (n, datagram) =>
            {
                if (n == target) datagram.Bytes[random.Next(13, datagram.Bytes.Length)] ^= (byte)random.Next(1, 256);
                return [TimeSpan.FromMilliseconds(5)];
            };
            pair.Run();
            if (pair.Server.State == DtlsState.Connected && pair.Client.State == DtlsState.Connected) pair.AssertConnected();
        }
    }

    [Theory]
    [InlineData(0, DropReason.UnknownFirstByte)]
    [InlineData(19, DropReason.UnknownFirstByte)]
    [InlineData(64, DropReason.UnknownFirstByte)]
    [InlineData(128, DropReason.UnknownFirstByte)]
    [InlineData(24, DropReason.DtlsMalformed)]
    [InlineData(0x2F, DropReason.DtlsMalformed)]
    public void Receive_OtherFirstBytes_AreNamed(byte first, DropReason expected)
    {
        using var pair = new DtlsPair();
        var datagram = new byte[20];
        datagram[0] = first;
        Assert.Equal(expected, pair.Server.Receive(datagram, pair.Now));
        Assert.Equal(DtlsState.New, pair.Server.State);
    }

    [Fact]
    public void Receive_ClientNotStarted_IsTooEarly()
    {
        using var pair = new DtlsPair();
        Assert.Equal(DropReason.DtlsBeforeIce, pair.Client.Receive(new byte[] { 22, 1, 2 }, pair.Now));
    }
}
