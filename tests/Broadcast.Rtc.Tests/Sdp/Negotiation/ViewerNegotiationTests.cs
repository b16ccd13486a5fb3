using Broadcast.Rtc.HeaderExtensions;
using Broadcast.Rtc.Sdp;
using Broadcast.Rtc.Sdp.Negotiation;

namespace Broadcast.Rtc.Tests.Sdp.Negotiation;

public class ViewerNegotiationTests
{
    [Theory]
    [MemberData(nameof(Offers.AllWatching), MemberType = typeof(Offers))]
    public void Every_known_player_gets_an_answer_by_the_rules(string name)
    {
        var offer = Offers.Read(name);
        foreach (var tracks in (IReadOnlyList<IReadOnlyList<PublishedTrack>>)[[Negotiating.Opus, Negotiating.Vp8], [Negotiating.H264("42e01f"), Negotiating.Opus]])
        {
            var session = Negotiating.Accepted(Negotiating.Watch(offer, tracks));
            AnswerRules.Check(offer, session);
            Assert.Equal(offer.Media.Count, session.Media.Count);
        }
    }

    [Fact]
    public void Every_publisher_can_be_watched_by_every_browser()
    {
        foreach (var publisher in Offers.Publishing)
        {
            var published = Negotiating.Accepted(PublisherNegotiation.Answer(Offers.Read(publisher), Negotiating.Local, PublisherPolicy.Default));
            var tracks = published.Media.Select(m => new PublishedTrack(m.Kind, m.Codec.Codec, m.Codec.FormatParameters)).ToList();
            foreach (var viewer in Offers.Watching)
            {
                var session = Negotiating.Accepted(Negotiating.Watch(Offers.Read(viewer), tracks));
                var video = session.Media.Single(m => m.Kind == MediaKind.Video).Codec;
                Assert.Equal(tracks.Single(t => t.Kind == MediaKind.Video).Codec, video.Codec);
            }
        }
    }

    [Theory]
    [InlineData("chrome-watch", "42e01f", 1, 108)]
    [InlineData("chrome-watch", "42e034", 1, 108)] // the level does not matter
    [InlineData("chrome-watch", "42001f", 1, 102)]
    [InlineData("chrome-watch", "4d001f", 1, 116)]
    [InlineData("chrome-watch", "4d401f", 1, 116)]
    [InlineData("chrome-watch", "42e01f", 0, 114)]
    [InlineData("chrome-watch", "f4001f", 1, 41)]
    [InlineData("chrome-watch", "64001f", 1, 102)] // last resort: the first of its mode
    [InlineData("firefox-watch", "42e01f", 1, 126)]
    [InlineData("firefox-watch", "42c01f", 1, 126)]
    [InlineData("firefox-watch", "640c1f", 1, 126)] // last resort
    [InlineData("safari-watch", "640c1f", 1, 96)]
    [InlineData("safari-watch", "64001f", 1, 96)]
    [InlineData("safari-watch", "42001f", 1, 98)]
    [InlineData("safari-watch", "42e01f", 1, 98)]
    [InlineData("safari-watch", "42e01f", 0, 98)] // single NAL units are legal in mode 1
    public void H264_is_matched_by_profile_class_and_mode(string viewer, string profileLevelId, int mode, int payloadType)
    {
        var session = Negotiating.Accepted(Negotiating.Watch(Offers.Read(viewer), [Negotiating.H264(profileLevelId, mode)]));
        Assert.Equal(payloadType, session.Media[0].Codec.PayloadType);
    }

    [Theory]
    [InlineData(CodecKind.Vp9, "profile-id=0", 98)]
    [InlineData(CodecKind.Vp9, "", 98)]
    [InlineData(CodecKind.Vp9, "profile-id=2", 100)]
    [InlineData(CodecKind.Av1, "level-idx=5;profile=0;tier=0", 45)]
    [InlineData(CodecKind.Av1, "profile=1", 47)]
    [InlineData(CodecKind.Vp8, "max-fs=12288", 96)]
    public void Other_codecs_are_matched_by_profile(CodecKind codec, string parameters, int payloadType)
    {
        var session = Negotiating.Accepted(Negotiating.Watch(Offers.Read("chrome-watch"), [new PublishedTrack(MediaKind.Video, codec, parameters)]));
        Assert.Equal(payloadType, session.Media[0].Codec.PayloadType);
    }

    [Fact]
    public void H265_plays_where_it_is_offered()
    {
        var track = new PublishedTrack(MediaKind.Video, CodecKind.H265, "level-id=120;profile-id=1;tier-flag=0;tx-mode=SRST");
        Assert.Equal(100, Negotiating.Accepted(Negotiating.Watch(Offers.Read("safari-watch"), [track])).Media[0].Codec.PayloadType);
        Negotiating.Refused(Negotiating.Watch(Offers.Read("firefox-watch"), [track]), NegotiationFailure.NoCommonCodec, "video is H265");
        Negotiating.Refused(
            Negotiating.Watch(Offers.Read("safari-watch"), [track with { FormatParameters = "profile-id=2" }]), NegotiationFailure.NoCommonCodec, "H265 (profile-id=2)");
    }

    [Theory]
    [InlineData("gstreamer-watch", "f4001f", 1)]
    [InlineData("safari-watch", "f4001f", 1)]
    public void Unplayable_H264_is_refused(string viewer, string profileLevelId, int mode) =>
        Negotiating.Refused(Negotiating.Watch(Offers.Read(viewer), [Negotiating.H264(profileLevelId, mode)]), NegotiationFailure.NoCommonCodec, "Watch with a browser that plays H264");

    [Fact]
    public void Sources_are_declared_and_tied_together()
    {
        var answer = Negotiating.Accepted(Negotiating.Watch(Offers.Read("chrome-watch"), [Negotiating.Opus, Negotiating.Vp8])).Answer;
        Assert.Contains("a=msid:stream01 audio\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("a=msid:stream01 video\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("a=ssrc:1001 cname:cname01\r\na=ssrc:1001 msid:stream01 audio\r\n", answer, StringComparison.Ordinal);
        Assert.Contains(
            "a=ssrc-group:FID 2001 2002\r\na=ssrc:2001 cname:cname01\r\na=ssrc:2001 msid:stream01 video\r\na=ssrc:2002 cname:cname01\r\na=ssrc:2002 msid:stream01 video\r\n",
            answer,
            StringComparison.Ordinal);
        Assert.DoesNotContain("1002", answer, StringComparison.Ordinal); // no RTX for audio
    }

    [Fact]
    public void A_viewer_gets_the_extensions_for_playing()
    {
        var video = Negotiating.Accepted(Negotiating.Watch(Offers.Read("chrome-watch"), [Negotiating.Opus, Negotiating.Vp8])).Media[1].Extensions;
        Assert.Equal(5, video.IdOf(HeaderExtensionKind.PlayoutDelay));
        Assert.Equal(4, video.IdOf(HeaderExtensionKind.Mid));
        Assert.Equal(3, video.IdOf(HeaderExtensionKind.TransportSequenceNumber));
        Assert.True(video.Has(HeaderExtensionKind.ColorSpace));
        Assert.False(video.Has(HeaderExtensionKind.DependencyDescriptor)); // Chromium offers it only where it sends
        Assert.False(video.Has(HeaderExtensionKind.RtpStreamId));
        Assert.False(video.Has(HeaderExtensionKind.VideoLayersAllocation));
    }

    [Fact]
    public void Firefox_receives_playout_delay_with_the_direction_turned_round()
    {
        var session = Negotiating.Accepted(Negotiating.Watch(Offers.Read("firefox-watch"), [Negotiating.Opus, Negotiating.Vp8]));
        Assert.Contains("a=extmap:6/sendonly http://www.webrtc.org/experiments/rtp-hdrext/playout-delay\r\n", session.Answer, StringComparison.Ordinal);
        Assert.Equal(6, session.Media[1].Extensions.IdOf(HeaderExtensionKind.PlayoutDelay));
    }

    [Theory]
    [InlineData("chrome-watch", true)]
    [InlineData("safari-watch", true)]
    [InlineData("firefox-watch", false)]
    public void Redundant_opus_is_negotiated_with_players_that_offer_it(string name, bool offersRed)
    {
        var offer = Offers.Read(name);
        var session = Negotiating.Accepted(Negotiating.Watch(offer, [Negotiating.Opus, Negotiating.Vp8]));
        AnswerRules.Check(offer, session);
        var audio = session.Media.Single(m => m.Kind == MediaKind.Audio).Codec;
        Assert.Equal(offersRed ? (byte?)63 : null, audio.RedPayloadType);
        Assert.Equal(offersRed, session.Answer.Contains("SAVPF 111 63\r\n", StringComparison.Ordinal));
        Assert.Equal(offersRed, session.Answer.Contains("a=fmtp:63 111/111\r\n", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("minptime=10;useinbandfec=1", "a=fmtp:111 minptime=10;useinbandfec=1\r\n")]
    [InlineData("minptime=10;useinbandfec=1;stereo=1", "a=fmtp:111 minptime=10;useinbandfec=1;stereo=1;sprop-stereo=1\r\n")]
    public void Opus_is_stereo_when_the_player_asks(string offered, string expected)
    {
        var text = Offers.Text("chrome-watch").Replace("a=fmtp:111 minptime=10;useinbandfec=1", "a=fmtp:111 " + offered, StringComparison.Ordinal);
        Assert.Contains(expected, Negotiating.Accepted(Negotiating.Watch(Offers.Parse(text), [Negotiating.Opus])).Answer, StringComparison.Ordinal);
    }

    [Fact]
    public void An_m_line_without_a_track_is_rejected_outside_the_bundle()
    {
        var offer = Offers.Read("chrome-watch");
        var session = Negotiating.Accepted(Negotiating.Watch(offer, [Negotiating.Opus]));
        AnswerRules.Check(offer, session);
        Assert.Contains("a=group:BUNDLE 0\r\n", session.Answer, StringComparison.Ordinal);
        Assert.Contains("m=video 0 ", session.Answer, StringComparison.Ordinal);
    }

    [Fact]
    public void The_m_line_that_owns_the_transport_is_kept_inactive()
    {
        // Chromium with max-bundle refuses the whole answer when this one is rejected.
        var offer = Offers.Read("chrome-watch");
        var session = Negotiating.Accepted(Negotiating.Watch(offer, [Negotiating.Vp8]));
        var answer = AnswerRules.Check(offer, session);
        Assert.Equal(["0", "1"], answer.BundledMids);
        Assert.Equal((9, MediaDirection.Inactive), (answer.Media[0].Port, answer.Media[0].Direction));
        Assert.Equal(MediaKind.Video, Assert.Single(session.Media).Kind);
    }

    [Fact]
    public void The_bundle_keeps_the_offers_order()
    {
        var text = Offers.Text("chrome-watch").Replace("a=group:BUNDLE 0 1", "a=group:BUNDLE 1 0", StringComparison.Ordinal);
        var session = Negotiating.Accepted(Negotiating.Watch(Offers.Parse(text), [Negotiating.Opus, Negotiating.Vp8]));
        Assert.Contains("a=group:BUNDLE 1 0\r\n", session.Answer, StringComparison.Ordinal);
    }

    [Fact]
    public void Audio_that_cannot_be_played_does_not_cost_the_picture()
    {
        var text = Offers.Text("chrome-watch").Replace("opus/48000/2", "speex/16000", StringComparison.Ordinal);
        var session = Negotiating.Accepted(Negotiating.Watch(Offers.Parse(text), [Negotiating.Opus, Negotiating.Vp8]));
        Assert.Equal(MediaKind.Video, Assert.Single(session.Media).Kind);
        Negotiating.Refused(Negotiating.Watch(Offers.Parse(text), [Negotiating.Opus]), NegotiationFailure.NoCommonCodec, "audio is opus");
    }

    [Fact]
    public void A_player_that_wants_only_sound_may_listen()
    {
        var text = Offers.Text("chrome-watch");
        var audioOnly = text[..text.IndexOf("m=video", StringComparison.Ordinal)].Replace("a=group:BUNDLE 0 1", "a=group:BUNDLE 0", StringComparison.Ordinal);
        var session = Negotiating.Accepted(Negotiating.Watch(Offers.Parse(audioOnly), [Negotiating.Opus, Negotiating.Vp8]));
        Assert.Equal(MediaKind.Audio, Assert.Single(session.Media).Kind);
        Negotiating.Refused(Negotiating.Watch(Offers.Parse(audioOnly), [Negotiating.Vp8]), NegotiationFailure.Unusable, "The stream carries video");
    }

    [Fact]
    public void A_second_video_m_line_is_rejected()
    {
        var text = Offers.Text("chrome-watch-video-only");
        var media = text[text.IndexOf("m=video", StringComparison.Ordinal)..];
        var twice = Offers.Parse(text.Replace("a=group:BUNDLE 0", "a=group:BUNDLE 0 1", StringComparison.Ordinal) + media.Replace("a=mid:0", "a=mid:1", StringComparison.Ordinal));
        var session = Negotiating.Accepted(Negotiating.Watch(twice, [Negotiating.Vp8]));
        AnswerRules.Check(twice, session);
        Assert.Equal(0, Assert.Single(session.Media).Index);
    }

    [Fact]
    public void A_publishing_offer_receives_nothing() =>
        Negotiating.Refused(Negotiating.Watch(Offers.Read("obs-publish"), [Negotiating.Opus, Negotiating.Vp8]), NegotiationFailure.Unusable, "receives nothing");

    [Fact]
    public void A_send_and_receive_offer_is_answered_sendonly()
    {
        var session = Negotiating.Accepted(Negotiating.Watch(Offers.Read("chrome-publish-sendrecv"), [Negotiating.Opus, Negotiating.Vp8]));
        Assert.Equal(2, session.Answer.Split("a=sendonly\r\n").Length - 1);
    }

    [Fact]
    public void A_track_without_an_identity_is_the_callers_mistake() =>
        Assert.Throws<ArgumentException>(() => ViewerNegotiation.Answer(Offers.Read("chrome-watch"), Negotiating.Local, [Negotiating.Vp8], [], "c", "s"));
}
