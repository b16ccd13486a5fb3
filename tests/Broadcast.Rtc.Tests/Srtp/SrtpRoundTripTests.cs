using Broadcast.Rtc.Srtp;
using CsCheck;

namespace Broadcast.Rtc.Tests.Srtp;

public sealed class SrtpRoundTripTests
{
    public static TheoryData<SrtpProfile> Profiles => SrtpFixture.Profiles;

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Rtp_of_any_shape_comes_back_as_it_was(SrtpProfile profile)
    {
        using var session = new SrtpFixture(profile);
        var sequence = 0L;
        Gen.Select(Gen.Int[0, 15], Gen.Int[-1, 8], Gen.Byte.Array[0, 1300]).Sample(
            (csrcs, extensionWords, payload) =>
            {
                var index = sequence++;
                var headerLength = 12 + (4 * csrcs) + (extensionWords < 0 ? 0 : 4 + (4 * extensionWords));
                var plain = new byte[headerLength + payload.Length];
                SrtpFixture.Rtp(index, 0).CopyTo(plain, 0);
                plain[0] |= (byte)csrcs;
                if (extensionWords >= 0)
                {
                    plain[0] |= 0x10;
                    plain[12 + (4 * csrcs) + 3] = (byte)extensionWords;
                }

                payload.CopyTo(plain, headerLength);
                var packet = session.ProtectRtp(plain, index, headerLength);
                Assert.Equal(plain.Length + session.Sender.RtpOverhead, packet.Length);
                Assert.Equal(plain.AsSpan(0, headerLength), packet.AsSpan(0, headerLength));
                Assert.Equal(DropReason.None, session.Receiver.UnprotectRtp(packet, out var length, out var extended));
                Assert.Equal(index, extended);
                Assert.Equal(plain, packet[..length]);
            },
            threads: 1);
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Rtcp_comes_back_as_it_was_and_is_encrypted(SrtpProfile profile)
    {
        using var session = new SrtpFixture(profile);
        for (var i = 0; i < 200; i++)
        {
            var packet = session.ProtectRtcp();
            Assert.Equal(32 + session.Sender.RtcpOverhead, packet.Length);
            Assert.NotEqual(SrtpFixture.Rtcp()[8..], packet[8..32]);
            Assert.Equal(DropReason.None, session.Receiver.UnprotectRtcp(packet, out var length));
            Assert.Equal(SrtpFixture.Rtcp(), packet[..length]);
        }
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void ProtectRtp_SameIndexAgain_GivesTheSameBytes(SrtpProfile profile)
    {
        // A retransmission without RTX must be byte for byte what was sent (RFC 7714 §8.4).
        using var session = new SrtpFixture(profile);
        Assert.Equal(session.ProtectRtp(0x1_FFFF), session.ProtectRtp(0x1_FFFF));
        Assert.NotEqual(session.ProtectRtp(0x1_FFFF), session.ProtectRtp(0x2_FFFF));
    }

    [Fact]
    public void ProtectRtcp_AllIndicesUsed_ReturnsZero()
    {
        using var session = new SrtpFixture(SrtpProfile.AeadAes128Gcm);
        session.Sender.RtcpIndex = 0x7FFF_FFFF;
        Assert.Equal(DropReason.None, session.ReceiveRtcp(session.ProtectRtcp()));
        Assert.Empty(session.ProtectRtcp());
    }

    [Theory]
    [InlineData(11, 100, 200)]
    [InlineData(12, 11, 200)]
    [InlineData(12, 100, 115)]
    public void ProtectRtp_LengthsThatDoNotFit_AreTheCallersFault(int headerLength, int length, int room)
    {
        using var session = new SrtpFixture(SrtpProfile.AeadAes128Gcm);
        Assert.Throws<ArgumentException>(() => session.Sender.ProtectRtp(new byte[room], headerLength, length, 0));
    }

    [Theory]
    [InlineData(15, 12)]
    [InlineData(16, 14)]
    public void Constructor_WrongKeyingMaterial_Throws(int keyLength, int saltLength) =>
        Assert.Throws<ArgumentException>(() => new SrtpSender(SrtpProfile.AeadAes128Gcm, new byte[keyLength], new byte[saltLength]));

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Protect_AfterTheFirstPacket_AllocatesNothing(SrtpProfile profile)
    {
        using var session = new SrtpFixture(profile);
        var buffer = new byte[1300];
        SrtpFixture.Rtp(0, 1188).CopyTo(buffer, 0);
        session.Sender.ProtectRtp(buffer, 12, 1200, 0);
        var received = buffer[..(1200 + session.Sender.RtpOverhead)];
        session.Receiver.UnprotectRtp(received, out _, out _);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 1; i < 100; i++) session.Sender.ProtectRtp(buffer, 12, 1200, (uint)i);
        session.Receiver.UnprotectRtp(received, out _, out _);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
