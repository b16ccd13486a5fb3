using Broadcast.Rtc.HeaderExtensions;
using Broadcast.Rtc.Sdp;
using Broadcast.Rtc.Sdp.Negotiation;

namespace Broadcast.Rtc.Tests.Sdp.Negotiation;

public class PublisherNegotiationTests
{
    [Theory]
    [MemberData(nameof(Offers.AllPublishing), MemberType = typeof(Offers))]
    public void Every_known_publisher_gets_an_answer_by_the_rules(string name)
    {
        var offer = Offers.Read(name);
        var session = Answer(offer);
        AnswerRules.Check(offer, session);
        Assert.Equal([MediaKind.Audio, MediaKind.Video], session.Media.Select(m => m.Kind).Order());
        Assert.Equal(CodecKind.Opus, session.Media.Single(m => m.Kind == MediaKind.Audio).Codec.Codec);
    }

    [Theory]
    [InlineData("chrome-publish", CodecKind.Vp8, 96, 97)]
    [InlineData("firefox-publish", CodecKind.Vp8, 120, 124)]
    [InlineData("safari-publish", CodecKind.H264, 96, 97)]
    [InlineData("obs-publish", CodecKind.H264, 96, null)]
    [InlineData("gstreamer-publish", CodecKind.H264, 96, 97)]
    [InlineData("ffmpeg-publish-passive", CodecKind.H264, 106, null)]
    [InlineData("ffmpeg-publish-active", CodecKind.H264, 106, 105)]
    public void Without_a_policy_the_publishers_first_codec_is_taken(string name, CodecKind codec, int payloadType, int? rtx)
    {
        var video = Answer(Offers.Read(name)).Media.Single(m => m.Kind == MediaKind.Video).Codec;
        Assert.Equal(codec, video.Codec);
        Assert.Equal(payloadType, video.PayloadType);
        Assert.Equal(rtx, (int?)video.RtxPayloadType);
    }

    [Theory]
    [InlineData(CodecKind.H264, 108)] // not the plain baseline in front of it
    [InlineData(CodecKind.Av1, 45)]
    [InlineData(CodecKind.Vp9, 98)]
    [InlineData(CodecKind.Vp8, 96)]
    public void A_policy_chooses_the_codec(CodecKind codec, int payloadType)
    {
        var session = Answer(Offers.Read("chrome-publish"), new PublisherPolicy { VideoCodecs = [CodecKind.H265, codec, CodecKind.Vp8] });
        Assert.Equal(payloadType, session.Media[1].Codec.PayloadType);
    }

    [Fact]
    public void A_high_profile_put_first_by_the_publisher_is_kept()
    {
        var video = Answer(Offers.Read("safari-publish")).Media[1].Codec;
        Assert.Contains("profile-level-id=640c1f", video.FormatParameters, StringComparison.Ordinal);
    }

    [Fact]
    public void Chrome_simulcast_is_confirmed_layer_by_layer()
    {
        var session = Answer(Offers.Read("chrome-publish-simulcast"));
        var video = session.Media[1];
        Assert.Equal(["l", "m", "h"], video.Rids);
        Assert.Contains("a=rid:l recv\r\na=rid:m recv\r\na=rid:h recv\r\na=simulcast:recv l;m;h\r\n", session.Answer, StringComparison.Ordinal);
        Assert.Contains("a=fmtp:96 x-google-per-layer-pli=1\r\n", session.Answer, StringComparison.Ordinal);
        Assert.Null(video.OfferedSsrc);
        Assert.True(video.Extensions.Has(HeaderExtensionKind.RtpStreamId));
        Assert.True(video.Extensions.Has(HeaderExtensionKind.RepairedRtpStreamId));
        Assert.True(video.Extensions.Has(HeaderExtensionKind.VideoLayersAllocation));
        Assert.False(video.Extensions.Has(HeaderExtensionKind.PlayoutDelay));
        Assert.True(video.Codec is { Nack: true, Pli: true, Fir: true, TransportCc: true, Remb: true });
    }

    [Theory]
    [InlineData("obs-publish-simulcast", "0;1;2")]
    [InlineData("firefox-publish-simulcast", "q;h;f")]
    public void Other_simulcast_is_confirmed_too(string name, string layers)
    {
        var session = Answer(Offers.Read(name));
        Assert.Equal(layers, string.Join(';', session.Media[1].Rids));
    }

    [Fact]
    public void Layers_without_the_rid_extension_are_left_out()
    {
        var text = Offers.Text("obs-publish-simulcast").Replace("a=extmap:2 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id\r\n", "", StringComparison.Ordinal);
        var session = Answer(Offers.Parse(text));
        Assert.Empty(session.Media[1].Rids);
        Assert.DoesNotContain("simulcast", session.Answer, StringComparison.Ordinal);
        Assert.DoesNotContain("per-layer-pli", session.Answer, StringComparison.Ordinal);
    }

    [Fact]
    public void Declared_sources_are_passed_on()
    {
        var video = Answer(Offers.Read("firefox-publish")).Media[1];
        Assert.Equal(3958671014u, video.OfferedSsrc);
        Assert.Equal(1078463921u, video.OfferedRtxSsrc);
        Assert.Equal([3958671014u, 1078463921u], video.OfferedSsrcs);

        var audio = Answer(Offers.Read("chrome-publish")).Media[0];
        Assert.Equal(Offers.Read("chrome-publish").Media[0].Ssrcs[0], audio.OfferedSsrc);
        Assert.Null(audio.OfferedRtxSsrc);
    }

    [Theory]
    [InlineData("chrome-publish", false)]
    [InlineData("ffmpeg-publish-active", false)]
    [InlineData("ffmpeg-publish-passive", true)]
    public void The_dtls_role_follows_the_offer(string name, bool client) => Assert.Equal(client, Answer(Offers.Read(name)).LocalIsDtlsClient);

    [Fact]
    public void The_remote_transport_is_read()
    {
        var session = Answer(Offers.Read("firefox-publish"));
        Assert.Equal("7b3d91fe", session.RemoteIce.UsernameFragment);
        Assert.Equal("2f6a9c0d8b7e41538d20c1f4a6e95b37", session.RemoteIce.Password);
        Assert.Equal("sha-256 9C:12:5B:77:0E:D4:3A:61:C8:F0:2D:94:1B:AE:55:73:E6:08:BF:2A:41:9D:CC:36:70:E5:18:AB:F2:64:0D:93", Assert.Single(session.RemoteFingerprints));
    }

    [Fact]
    public void Limits_and_opus_wishes_are_in_the_answer()
    {
        var answer = Answer(Offers.Read("chrome-publish"), new PublisherPolicy { MaxVideoKilobitsPerSecond = 2500, OpusMaxAverageBitsPerSecond = 96000 }).Answer;
        Assert.Contains("b=AS:2500\r\nb=TIAS:2500000\r\n", answer, StringComparison.Ordinal);
        Assert.Single(answer.Split("\r\n"), l => l.StartsWith("b=AS", StringComparison.Ordinal));
        Assert.Contains("a=fmtp:111 minptime=10;useinbandfec=1;stereo=1;maxaveragebitrate=96000\r\n", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("telephone-event", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("red/90000", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("b=", Answer(Offers.Read("chrome-publish")).Answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("chrome-publish", false, " 111 63\r\n")]
    [InlineData("chrome-publish", true, " 63 111\r\n")]
    [InlineData("safari-publish", false, " 111 63\r\n")]
    public void Redundant_opus_is_accepted_and_comes_first_where_the_policy_prefers_it(string name, bool preferRed, string payloadTypes)
    {
        var offer = Offers.Read(name);
        var session = Answer(offer, new PublisherPolicy { PreferRed = preferRed });
        AnswerRules.Check(offer, session);
        var audio = session.Media.Single(m => m.Kind == MediaKind.Audio).Codec;
        Assert.Equal((111, (byte?)63, null), (audio.PayloadType, audio.RedPayloadType, audio.RtxPayloadType));
        Assert.Contains("m=audio 9 UDP/TLS/RTP/SAVPF" + payloadTypes, session.Answer, StringComparison.Ordinal);
        Assert.Contains("a=rtpmap:63 red/48000/2\r\na=fmtp:63 111/111\r\n", session.Answer, StringComparison.Ordinal);
        Assert.Null(session.Media.Single(m => m.Kind == MediaKind.Video).Codec.RedPayloadType);
    }

    /// <summary>As a page does by setCodecPreferences; Chromium sends what the answer names first.</summary>
    [Theory]
    [InlineData("63 111 9", " 63 111\r\n")]
    [InlineData("9 63 111", " 63 111\r\n")]
    [InlineData("9 111 63", " 111 63\r\n")]
    public void Redundant_opus_comes_first_where_the_offer_names_it_first(string offered, string answered)
    {
        var offer = Offers.Parse(Offers.Text("chrome-publish").Replace("SAVPF 111 63 9 0 8", "SAVPF " + offered, StringComparison.Ordinal));
        Assert.Contains("m=audio 9 UDP/TLS/RTP/SAVPF" + answered, Answer(offer).Answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a=fmtp:63 111/111", "a=fmtp:63 111/111/111", true)]
    [InlineData("a=fmtp:63 111/111", "a=fmtp:63 111/9", false)] // a block could be something else
    [InlineData("a=fmtp:63 111/111", "a=fmtp:63 9/9", false)]
    [InlineData("a=fmtp:63 111/111", "a=fmtp:63 111", false)]
    [InlineData("a=fmtp:63 111/111", "a=fmtp:63 111/", false)]
    [InlineData("a=fmtp:63 111/111\r\n", "", false)]
    [InlineData("red/48000/2", "red/8000", false)]
    [InlineData("red/48000/2", "RED/48000/2", true)]
    public void Red_that_may_carry_anything_but_the_opus_of_its_offer_is_passed_over(string find, string replace, bool isAccepted)
    {
        var offer = Offers.Parse(Offers.Text("chrome-publish").Replace(find, replace, StringComparison.Ordinal));
        var session = Answer(offer);
        AnswerRules.Check(offer, session);
        Assert.Equal(isAccepted ? (byte?)63 : null, session.Media[0].Codec.RedPayloadType);
    }

    [Fact]
    public void Red_is_no_codec_of_its_own()
    {
        var text = Offers.Text("chrome-publish").Replace("opus/48000/2", "x-opus/48000/2", StringComparison.Ordinal);
        var codec = Answer(Offers.Parse(text)).Media[0].Codec;
        Assert.Equal((CodecKind.Pcmu, null), (codec.Codec, codec.RedPayloadType));
    }

    [Fact]
    public void TransportCc_NeedsItsExtension()
    {
        var text = Offers.Text("chrome-publish").Replace("a=extmap:3 http", "a=extmap:3 x-http", StringComparison.Ordinal);
        var session = Answer(Offers.Parse(text));
        Assert.All(session.Media, m => Assert.False(m.Codec.TransportCc));
        Assert.DoesNotContain("transport-cc", session.Answer, StringComparison.Ordinal);
    }

    [Fact]
    public void A_whole_answer_reads_as_intended()
    {
        const string expected =
            """
            v=0
            o=- SESSION 1 IN IP4 127.0.0.1
            s=-
            t=0 0
            a=group:BUNDLE 0 1
            a=ice-lite
            a=ice-options:ice2 trickle
            a=msid-semantic: WMS *
            m=audio 9 UDP/TLS/RTP/SAVPF 111
            c=IN IP4 0.0.0.0
            a=candidate:1 1 udp 2130706431 192.0.2.9 8181 typ host
            a=candidate:2 1 tcp 1520435199 192.0.2.9 8181 typ host tcptype passive
            a=end-of-candidates
            a=ice-ufrag:serverFragment01
            a=ice-pwd:serverPassword0123456789
            a=fingerprint:sha-256 FINGERPRINT
            a=setup:passive
            a=mid:0
            a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid
            a=recvonly
            a=rtcp-mux
            a=rtpmap:111 opus/48000/2
            a=fmtp:111 minptime=10;useinbandfec=1;stereo=1;maxaveragebitrate=128000
            m=video 9 UDP/TLS/RTP/SAVPF 96
            c=IN IP4 0.0.0.0
            a=ice-ufrag:serverFragment01
            a=ice-pwd:serverPassword0123456789
            a=fingerprint:sha-256 FINGERPRINT
            a=setup:passive
            a=mid:1
            a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid
            a=extmap:2 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id
            a=recvonly
            a=rtcp-mux
            a=rtpmap:96 H264/90000
            a=rtcp-fb:96 goog-remb
            a=rtcp-fb:96 nack
            a=rtcp-fb:96 nack pli
            a=fmtp:96 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f;x-google-per-layer-pli=1
            a=rid:0 recv
            a=rid:1 recv
            a=rid:2 recv
            a=simulcast:recv 0;1;2

            """;
        var answer = Answer(Offers.Read("obs-publish-simulcast")).Answer.Replace(Negotiating.Local.FingerprintSha256, "FINGERPRINT", StringComparison.Ordinal);
        var session = answer.Split(' ')[1];
        Assert.Equal(expected.ReplaceLineEndings("\r\n"), answer.Replace(session, "SESSION", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("a=fingerprint:sha-256", "a=fingerprint:sha-1", NegotiationFailure.Unusable, "SHA-256")]
    [InlineData("a=fingerprint:", "a=nothing:", NegotiationFailure.Malformed, "a=fingerprint")]
    [InlineData("a=ice-ufrag:", "a=nothing:", NegotiationFailure.Malformed, "a=ice-ufrag")]
    [InlineData("a=ice-pwd:", "a=ice-pwd: ", NegotiationFailure.Malformed, null)]
    [InlineData("a=rtcp-mux\r\n", "", NegotiationFailure.Unusable, "a=rtcp-mux")]
    [InlineData("a=setup:actpass", "a=setup:holdconn", NegotiationFailure.Unusable, "a=setup")]
    [InlineData("a=group:BUNDLE 0 1", "a=group:BUNDLE 0", NegotiationFailure.Unusable, "a=group:BUNDLE")]
    [InlineData("a=mid:1", "a=mid:0", NegotiationFailure.Malformed, "same a=mid")]
    [InlineData("a=mid:1", "a=mid:a=b", NegotiationFailure.Malformed, "a token")]
    [InlineData("a=sendonly", "a=recvonly", NegotiationFailure.Unusable, "sends nothing")]
    [InlineData("m=audio ", "m=video ", NegotiationFailure.Unusable, "2 video tracks")]
    [InlineData("opus/48000/2", "speex/16000", NegotiationFailure.NoCommonCodec, "audio codecs (speex")]
    public void What_cannot_be_used_is_refused_with_a_sentence(string find, string replace, NegotiationFailure failure, string? expected)
    {
        var text = Offers.Text("obs-publish").Replace(find, replace, StringComparison.Ordinal);
        var result = PublisherNegotiation.Answer(Offers.Parse(text), Negotiating.Local, PublisherPolicy.Default);
        if (expected is null) Assert.IsType<NegotiationResult.Accepted>(result);
        else Negotiating.Refused(result, failure, expected);
    }

    [Fact]
    public void A_codec_the_policy_forbids_is_named()
    {
        var result = PublisherNegotiation.Answer(Offers.Read("obs-publish"), Negotiating.Local, new PublisherPolicy { VideoCodecs = [CodecKind.Av1, CodecKind.Vp9] });
        Negotiating.Refused(result, NegotiationFailure.NoCommonCodec, "None of the offered video codecs (H264) can be published here; use one of AV1, VP9.");
    }

    [Fact]
    public void A_data_channel_beside_the_media_is_rejected_alone()
    {
        var text = Offers.Text("obs-publish").Replace("a=group:BUNDLE 0 1", "a=group:BUNDLE 0 1 2", StringComparison.Ordinal)
            + "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\na=mid:2\r\na=sctp-port:5000\r\n";
        var offer = Offers.Parse(text);
        var session = Answer(offer);
        AnswerRules.Check(offer, session);
        Assert.Contains("m=application 0 UDP/DTLS/SCTP webrtc-datachannel\r\n", session.Answer, StringComparison.Ordinal);
        Assert.Contains("a=group:BUNDLE 0 1\r\n", session.Answer, StringComparison.Ordinal);
    }

    [Fact]
    public void Payload_types_that_collide_with_rtcp_are_not_used()
    {
        var text = Offers.Text("chrome-publish").Replace("SAVPF 96 97", "SAVPF 72 97", StringComparison.Ordinal).Replace(":96 ", ":72 ", StringComparison.Ordinal);
        Assert.NotEqual(72, Answer(Offers.Parse(text)).Media[1].Codec.PayloadType);
    }

    private static NegotiatedSession Answer(SessionDescription offer, PublisherPolicy? policy = null) =>
        Negotiating.Accepted(PublisherNegotiation.Answer(offer, Negotiating.Local, policy ?? PublisherPolicy.Default));
}
