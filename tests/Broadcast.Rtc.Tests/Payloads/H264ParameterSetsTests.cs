using Broadcast.Rtc.Payloads;

namespace Broadcast.Rtc.Tests.Payloads;

public class H264ParameterSetsTests
{
    private const string Sps = "6742C01FD9005005BB0110000003001000000300A0F183248000";
    private const string Pps = "68CB83CB20";
    private const string OtherPps = "684B83CB20"; // the same but for its id
    private const string Stap = "78001A" + Sps + "0005" + Pps;

    [Fact]
    public void Sets_of_separate_packets_become_one_payload_with_the_SPS_first()
    {
        var sets = H264ParameterSets.None.With(Hex.Bytes(Pps));
        Assert.True(sets.StapAPayload.IsEmpty);
        sets = sets.With(Hex.Bytes(Sps));
        Assert.Equal(Stap, Convert.ToHexString(sets.StapAPayload.Span));
    }

    [Fact]
    public void Sets_of_an_aggregate_are_found_among_other_units()
    {
        var sets = H264ParameterSets.None.With(Hex.Bytes("78" + "000209F0" + "001A" + Sps + "0005" + Pps + "0003658880"));
        Assert.Equal(Stap, Convert.ToHexString(sets.StapAPayload.Span));
    }

    [Fact]
    public void With_WhatIsKnown_GivesTheSameObject()
    {
        var sets = H264ParameterSets.None.With(Hex.Bytes(Stap));
        Assert.Same(sets, sets.With(Hex.Bytes(Stap)));
        Assert.Same(sets, sets.With(Hex.Bytes(Pps)));
        foreach (var other in new[] { "", "65888040", "7C858880", "7C87" + Sps[2..], "41E0", "78", "780000", "67", "68" })
        {
            Assert.Same(sets, sets.With(Hex.Bytes(other)));
        }
    }

    [Fact]
    public void Set_of_a_known_id_replaces_it_and_another_id_is_added()
    {
        var sets = H264ParameterSets.None.With(Hex.Bytes(Stap));
        Assert.Equal("78001A" + Sps + "0004" + "68CB83CB", Convert.ToHexString(sets.With(Hex.Bytes("68CB83CB")).StapAPayload.Span));
        Assert.Equal(Stap + "0005" + OtherPps, Convert.ToHexString(sets.With(Hex.Bytes(OtherPps)).StapAPayload.Span));
    }

    [Fact]
    public void Every_truncation_is_survived_and_never_gives_more_than_was_there()
    {
        var whole = Hex.Bytes(Stap);
        for (var length = 0; length < whole.Length; length++)
        {
            var sets = H264ParameterSets.None.With(whole.AsSpan(0, length));
            Assert.True(sets.StapAPayload.IsEmpty, $"{length} bytes");
        }

        Assert.False(H264ParameterSets.None.With(whole).StapAPayload.IsEmpty);
    }

    [Fact]
    public void What_does_not_fit_one_packet_is_not_made_into_one()
    {
        var long1 = Hex.Bytes(Sps).Concat(new byte[H264ParameterSets.MaxStapLength]).ToArray();
        var sets = H264ParameterSets.None.With(Hex.Bytes(Stap));
        Assert.True(sets.With(long1).StapAPayload.IsEmpty);
        Assert.False(sets.With(long1).IsEmpty);

        // And what is longer than any set changes nothing.
        var tooLong = Hex.Bytes(Sps).Concat(new byte[H264ParameterSets.MaxSetLength]).ToArray();
        Assert.Same(sets, sets.With(tooLong));
    }

    [Fact]
    public void Number_of_sets_is_bounded()
    {
        var sets = H264ParameterSets.None;
        for (uint id = 0; id < 200; id++) sets = sets.With([0x68, .. new BitWriter().WriteExponentialGolomb(id).WriteExponentialGolomb(0).Write(1, 1).ToArray()]);
        Assert.Same(sets, sets.With(Hex.Bytes(Sps)));
        Assert.True(sets.StapAPayload.IsEmpty);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Garbage_is_survived(int seed)
    {
        var random = new Random(seed);
        var sets = H264ParameterSets.None;
        var payload = new byte[1500];
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = payload.AsSpan(0, random.Next(1, i % 10 == 0 ? 1500 : 60));
            random.NextBytes(bytes);
            bytes[0] = new byte[] { 0x67, 0x68, 0x78 }[random.Next(3)];
            sets = sets.With(bytes);
            Assert.True(sets.StapAPayload.Length <= H264ParameterSets.MaxStapLength);
        }
    }

    [Fact]
    public void Sets_of_the_SDP_are_read()
    {
        var sprop = Convert.ToBase64String(Hex.Bytes(Sps)) + "," + Convert.ToBase64String(Hex.Bytes(Pps));
        var sets = H264ParameterSets.FromFormatParameters($"packetization-mode=1;sprop-parameter-sets={sprop};profile-level-id=42c01f");
        Assert.Equal(Stap, Convert.ToHexString(sets.StapAPayload.Span));
        for (var length = 0; length < sprop.Length; length++) H264ParameterSets.FromFormatParameters($"sprop-parameter-sets={sprop.AsSpan(0, length)}");
    }

    [Theory]
    [InlineData("")]
    [InlineData("packetization-mode=1")]
    [InlineData("sprop-parameter-sets")]
    [InlineData("sprop-parameter-sets=")]
    [InlineData("sprop-parameter-sets=,,,")]
    [InlineData("sprop-parameter-sets=%%%%,Zw==")]
    [InlineData("sprop-parameter-sets=QQ==,QUJD")]
    public void Bad_SDP_gives_no_sets(string parameters) => Assert.True(H264ParameterSets.FromFormatParameters(parameters).IsEmpty);

    [Fact]
    public void Oversize_SDP_gives_no_payload()
    {
        var tooLong = Convert.ToBase64String([.. Hex.Bytes(Sps), .. new byte[H264ParameterSets.MaxSetLength]]);
        Assert.True(H264ParameterSets.FromFormatParameters($"sprop-parameter-sets={tooLong}").IsEmpty);
        Assert.True(H264ParameterSets.FromFormatParameters("sprop-parameter-sets=" + string.Join(',', Enumerable.Repeat("AAAA", 100_000))).IsEmpty);
    }
}
