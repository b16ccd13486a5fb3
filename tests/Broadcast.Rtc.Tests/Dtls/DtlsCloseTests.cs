using Broadcast.Rtc.Dtls;

namespace Broadcast.Rtc.Tests.Dtls;

public sealed class DtlsCloseTests
{
    public static TheoryData<string, bool, bool, bool> Cases()
    {
        var data = new TheoryData<string, bool, bool, bool>();
        foreach (var cipher in DtlsHandshakeTests.CipherSuites)
            foreach (var byServer in new[] { true, false })
                foreach (var serverReleased in new[] { true, false })
                    foreach (var clientReleased in new[] { true, false })
                        data.Add(cipher, byServer, serverReleased, clientReleased);
        return data;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Close_notify_ends_the_other_side_whether_its_state_was_released_or_not(
        string cipher, bool byServer, bool serverReleased, bool clientReleased)
    {
        using var pair = new DtlsPair(cipher);
        pair.Run().AssertConnected();
        if (serverReleased) pair.Server.ReleaseHandshake();
        if (clientReleased) pair.Client.ReleaseHandshake();
        Assert.Equal(serverReleased, pair.Server.HandshakeStateBytes == 0);
        Assert.Equal(DtlsState.Connected, pair.Server.State);

        (byServer ? pair.Server : pair.Client).Close();
        Assert.Equal(byServer, pair.Server.State == DtlsState.Closed);
        pair.Continue();
        Assert.Equal(DtlsState.Closed, pair.Server.State);
        Assert.Equal(DtlsState.Closed, pair.Client.State);
        Assert.Equal(DropReason.DtlsClosed, pair.Server.Receive(pair.Sent[0].Bytes, pair.Now));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Close_notify_after_retransmissions_of_an_encrypted_flight_is_accepted(bool released)
    {
        // The client resends its Finished under new numbers; what it sends later must not repeat one.
        using var pair = new DtlsPair();
        var dropped = 0;
        pair.Network = (_, datagram) => !datagram.ToServer && datagram.Bytes[0] == 20 && dropped++ < 3 ? [] : [TimeSpan.FromMilliseconds(1)];
        pair.Run().AssertConnected();
        Assert.True(dropped >= 3);
        if (released) pair.Client.ReleaseHandshake();
        pair.Client.Close();
        pair.Continue();
        Assert.Equal(DtlsState.Closed, pair.Server.State);

        var numbers = pair.Sent.Where(datagram => datagram.ToServer).SelectMany(datagram => Numbers(datagram.Bytes)).ToArray();
        Assert.Equal(numbers.Distinct(), numbers);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Forged_and_truncated_alerts_do_not_close(bool released)
    {
        using var pair = new DtlsPair();
        pair.Run().AssertConnected();
        if (released) pair.Server.ReleaseHandshake();
        pair.Client.Close();
        var alert = Assert.Single(DtlsPair.Take(pair.Client));
        for (var bit = 0; bit < alert.Length * 8; bit++)
        {
            var forged = (byte[])alert.Clone();
            forged[bit / 8] ^= (byte)(1 << (bit % 8));
            pair.Server.Receive(forged, pair.Now);
        }

        for (var length = 0; length < alert.Length; length++) pair.Server.Receive(alert.AsSpan(0, length), pair.Now);
        pair.Server.Receive(new byte[] { 21, 0xFE, 0xFD, 0, 0, 0, 0, 0, 0, 0, 99, 0, 2, 1, 0 }, pair.Now); // in the clear
        Assert.Equal(DtlsState.Connected, pair.Server.State);
        Assert.Equal(DropReason.None, pair.Server.Receive(alert, pair.Now));
        Assert.Equal(DtlsState.Closed, pair.Server.State);
    }

    [Fact]
    public void A_repeated_last_flight_is_answered_until_the_state_is_released()
    {
        using var pair = new DtlsPair();
        var finals = new List<byte[]>();
        pair.Network = (_, datagram) =>
        {
            if (!datagram.ToServer && datagram.Bytes[0] == 20) finals.Add(datagram.Bytes);
            return !datagram.ToServer && datagram.Bytes[0] == 20 ? [] : [TimeSpan.FromMilliseconds(1)];
        };
        pair.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(DtlsState.Connected, pair.Server.State);
        Assert.Equal(DtlsState.Connecting, pair.Client.State);
        Assert.True(finals.Count > 1);

        pair.Server.ReleaseHandshake();
        var before = finals.Count;
        pair.Continue(TimeSpan.FromSeconds(5));
        Assert.Equal(before, finals.Count);
        Assert.Equal(DtlsState.Connected, pair.Server.State);
    }

    [Fact]
    public void ReleaseHandshake_BeforeConnected_DoesNothing()
    {
        using var pair = new DtlsPair();
        pair.Server.ReleaseHandshake();
        pair.Client.ReleaseHandshake();
        pair.Run().AssertConnected();
    }

    [Fact]
    public void Close_DuringTheHandshake_EndsIt()
    {
        using var pair = new DtlsPair();
        pair.Client.Start(pair.Now);
        pair.Client.Close();
        Assert.Equal(DtlsState.Closed, pair.Client.State);
        Assert.Equal(MonotonicTime.Never, pair.Client.NextTimeout);
        pair.Client.HandleTimeout(pair.Now + TimeSpan.FromSeconds(60));
        Assert.Equal(DtlsState.Closed, pair.Client.State);
    }

    private static List<ulong> Numbers(byte[] datagram)
    {
        var numbers = new List<ulong>();
        for (var offset = 0; offset < datagram.Length; offset += DtlsRecord.TotalLength(datagram.AsSpan(offset)))
            numbers.Add(DtlsRecord.EpochAndSequence(datagram.AsSpan(offset)));
        return numbers;
    }
}
