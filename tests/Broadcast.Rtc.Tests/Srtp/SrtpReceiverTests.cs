using Broadcast.Rtc.Srtp;
using CsCheck;

namespace Broadcast.Rtc.Tests.Srtp;

public sealed class SrtpReceiverTests
{
    public static TheoryData<SrtpProfile> Profiles => SrtpFixture.Profiles;

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Sequence_wraps_under_loss_and_reordering_and_the_counter_follows(SrtpProfile profile)
    {
        using var session = new SrtpFixture(profile);
        var random = new Random(7);
        var waiting = new List<long>();
        var highest = -1L;
        for (var index = 60_000L; index < 60_000 + (3 * 65_536); index += 1 + random.Next(40))
        {
            // Hold some packets back by up to 30 others, across the wraps as well.
            waiting.Add(index);
            if (waiting.Count < 30) continue;
            var pick = random.Next(waiting.Count);
            var next = waiting[pick];
            waiting.RemoveAt(pick);
            if (next <= highest - 1024) continue;
            highest = Math.Max(highest, next);
            Assert.Equal(DropReason.None, session.Receive(session.ProtectRtp(next), out var extended));
            Assert.Equal(next, extended);
        }

        Assert.True(highest > 3 * 65_536);
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void A_retransmission_from_before_the_wrap_is_accepted_after_it(SrtpProfile profile)
    {
        using var session = new SrtpFixture(profile);
        var lost = session.ProtectRtp(65_534);
        foreach (var index in new[] { 65_533L, 65_535, 65_536, 65_537 }) Assert.Equal(DropReason.None, session.Receive(session.ProtectRtp(index)));
        Assert.Equal(DropReason.None, session.Receive(lost, out var extended));
        Assert.Equal(65_534, extended);
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void First_packet_seen_after_the_senders_first_wrap_is_accepted(SrtpProfile profile)
    {
        using var session = new SrtpFixture(profile);
        Assert.Equal(DropReason.None, session.Receive(session.ProtectRtp(65_536 + 3), out var extended));
        Assert.Equal(65_536 + 3, extended);
        Assert.Equal(DropReason.None, session.Receive(session.ProtectRtp(65_535), out extended));
        Assert.Equal(65_535, extended);
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Replays_and_stale_packets_are_refused(SrtpProfile profile)
    {
        using var session = new SrtpFixture(profile);
        var packets = Enumerable.Range(0, 3000).Select(i => session.ProtectRtp(i)).ToArray();
        foreach (var packet in packets.Skip(1)) Assert.Equal(DropReason.None, session.Receive(packet));
        for (var i = 1; i < 3000; i++)
            Assert.Equal(i > 2999 - 1024 ? DropReason.SrtpReplayed : DropReason.SrtpTooOld, session.Receive(packets[i]));
        Assert.Equal(DropReason.SrtpTooOld, session.Receive(packets[0]));
    }

    [Fact]
    public void Jumps_larger_than_the_window_forget_what_was_before()
    {
        using var session = new SrtpFixture(SrtpProfile.AeadAes128Gcm);
        foreach (var index in new[] { 0L, 2048, 2048 + 1023, 2048 + 1024 }) Assert.Equal(DropReason.None, session.Receive(session.ProtectRtp(index)));
        for (var index = 2049L; index < 2048 + 1023; index++) Assert.Equal(DropReason.None, session.Receive(session.ProtectRtp(index)));
        Assert.Equal(DropReason.SrtpTooOld, session.Receive(session.ProtectRtp(2048)));
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Rtcp_replays_and_stale_packets_are_refused(SrtpProfile profile)
    {
        using var session = new SrtpFixture(profile);
        var packets = Enumerable.Range(0, 300).Select(_ => session.ProtectRtcp()).ToArray();
        foreach (var packet in packets.Skip(1)) Assert.Equal(DropReason.None, session.ReceiveRtcp(packet));
        Assert.Equal(DropReason.SrtpReplayed, session.ReceiveRtcp(packets[299]));
        Assert.Equal(DropReason.SrtpReplayed, session.ReceiveRtcp(packets[172]));
        Assert.Equal(DropReason.SrtpTooOld, session.ReceiveRtcp(packets[171]));
        Assert.Equal(DropReason.SrtpTooOld, session.ReceiveRtcp(packets[0]));
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void A_changed_bit_anywhere_is_refused_and_changes_no_state(SrtpProfile profile)
    {
        using var session = new SrtpFixture(profile);
        Assert.Equal(DropReason.None, session.Receive(session.ProtectRtp(100)));
        var rtp = session.ProtectRtp(101);
        var rtcp = session.ProtectRtcp();
        for (var bit = 0; bit < rtp.Length * 8; bit++) Assert.NotEqual(DropReason.None, session.Receive(Flipped(rtp, bit)));
        for (var bit = 0; bit < rtcp.Length * 8; bit++) Assert.NotEqual(DropReason.None, session.ReceiveRtcp(Flipped(rtcp, bit)));
        Assert.Equal(DropReason.None, session.Receive(rtp));
        Assert.Equal(DropReason.None, session.ReceiveRtcp(rtcp));

        static byte[] Flipped(byte[] packet, int bit)
        {
            var copy = (byte[])packet.Clone();
            copy[bit / 8] ^= (byte)(1 << (bit % 8));
            return copy;
        }
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Every_truncation_is_refused(SrtpProfile profile)
    {
        using var session = new SrtpFixture(profile);
        var plain = SrtpFixture.Rtp(1);
        plain[0] |= 0x12;
        plain[12 + 8 + 2] = 0;
        plain[12 + 8 + 3] = 3;
        var rtp = session.ProtectRtp(plain, 1, headerLength: 12 + 8 + 4 + 12);
        var rtcp = session.ProtectRtcp();
        for (var length = 0; length < rtp.Length; length++) Assert.NotEqual(DropReason.None, session.Receive(rtp[..length]));
        for (var length = 0; length < rtcp.Length; length++) Assert.NotEqual(DropReason.None, session.ReceiveRtcp(rtcp[..length]));
        Assert.Equal(DropReason.None, session.Receive(rtp));
        Assert.Equal(DropReason.None, session.ReceiveRtcp(rtcp));
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Random_bytes_are_refused(SrtpProfile profile)
    {
        using var session = new SrtpFixture(profile);
        Gen.Byte.Array[0, 2100].Sample(
            bytes =>
            {
                if (bytes.Length > 0) bytes[0] = (byte)(0x80 | (bytes[0] & 0x3F));
                Assert.NotEqual(DropReason.None, session.Receive(bytes));
                Assert.NotEqual(DropReason.None, session.ReceiveRtcp(bytes));
            },
            threads: 1);
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Rtcp_without_encryption_is_refused(SrtpProfile profile)
    {
        using var session = new SrtpFixture(profile);
        var packet = session.ProtectRtcp();
        packet[profile == SrtpProfile.Aes128CmSha1_80 ? ^14 : ^4] &= 0x7F;
        Assert.Equal(DropReason.SrtcpUnencrypted, session.ReceiveRtcp(packet));
    }

    [Fact]
    public void Thirty_two_streams_are_followed_and_no_more()
    {
        using var session = new SrtpFixture(SrtpProfile.AeadAes128Gcm);
        for (var ssrc = 0u; ssrc < 32; ssrc++)
        {
            Assert.Equal(DropReason.None, session.Receive(session.ProtectRtp(1, ssrc)));
            Assert.Equal(DropReason.None, session.ReceiveRtcp(session.ProtectRtcp(ssrc)));
        }

        Assert.Equal(DropReason.SrtpTooManyStreams, session.Receive(session.ProtectRtp(1, 32)));
        Assert.Equal(DropReason.SrtpTooManyStreams, session.ReceiveRtcp(session.ProtectRtcp(32)));
        for (var ssrc = 0u; ssrc < 32; ssrc++)
        {
            Assert.Equal(DropReason.SrtpReplayed, session.Receive(session.ProtectRtp(1, ssrc)));
            Assert.Equal(DropReason.None, session.Receive(session.ProtectRtp(2, ssrc)));
        }
    }

    [Fact]
    public void Unauthenticated_streams_take_no_place()
    {
        using var session = new SrtpFixture(SrtpProfile.Aes128CmSha1_80);
        for (var ssrc = 0u; ssrc < 100; ssrc++)
        {
            var forged = session.ProtectRtp(1, ssrc);
            forged[^1] ^= 1;
            Assert.Equal(DropReason.SrtpBadAuthentication, session.Receive(forged));
        }

        Assert.Equal(DropReason.None, session.Receive(session.ProtectRtp(1, 200)));
    }
}
