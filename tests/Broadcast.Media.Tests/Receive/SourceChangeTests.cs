using Broadcast.Media.Receive;
using Broadcast.Media.Routing;
using Broadcast.Rtc;
using Broadcast.Rtc.HeaderExtensions;
using Broadcast.Rtc.Rtp;
using Broadcast.Rtc.Sdp.Negotiation;

namespace Broadcast.Media.Tests.Receive;

/// <summary>A publisher goes on under another SSRC; viewers must not see where.</summary>
public class SourceChangeTests
{
    private static readonly byte[] Keyframe = [0x10, 0x10, 0x00, 0x00, 0x9D, 0x01, 0x2A, 0x80, 0x02, 0x68, 0x01];
    private static readonly byte[] Interframe = [0x10, 0x11, 0x00, 0x00];
    private static readonly byte[] Continuation = [0x00, 0x55];

    private readonly ReceiveTrack _video = Track(MediaKind.Video, CodecKind.Vp8, 90_000);
    private readonly ReceiveTrack _audio = Track(MediaKind.Audio, CodecKind.Opus, 48_000);

    [Theory]
    [InlineData(65_028)] // far ahead: would lose the viewers' rollover counter
    [InlineData(10)] // behind: would be taken for duplicates
    [InlineData(501)] // the very next number
    public void New_source_continues_the_track(int newSequence)
    {
        _audio.Bind(1, isRtx: false);
        for (var i = 0; i < 5; i++) Assert.Equal(DropReason.None, Send(_audio, 496 + i, (uint)(960 * i), 20 * i, [0xFC]));
        Assert.True(_audio.CanBind(isRtx: false, At(700)));
        _audio.Bind(2, isRtx: false);
        for (var i = 0; i < 5; i++) Assert.Equal(DropReason.None, Send(_audio, newSequence + i, 4_000_000_000 + (uint)(960 * i), 1080 + (20 * i), [0xFC]));

        var packets = Logged(_audio);
        Assert.Equal([496, 497, 498, 499, 500, 502, 503, 504, 505, 506], packets.Select(packet => packet.ExtendedSequenceNumber));

        // 1 s passed between the two sources.
        Assert.Equal(48_000u, packets[5].Timestamp - packets[4].Timestamp);
        Assert.Equal(960u, packets[6].Timestamp - packets[5].Timestamp);
    }

    [Fact]
    public void Video_of_a_new_source_begins_at_its_keyframe()
    {
        _video.Bind(1, isRtx: false);
        Send(_video, 100, 0, 0, Keyframe);
        Send(_video, 101, 0, 1, Continuation);
        _video.Bind(2, isRtx: false);
        Assert.True(_video.Source.Keyframes.ShouldSend(At(600)), "a keyframe of the new source is asked for");

        Assert.Equal(DropReason.RtpBeforeKeyframe, Send(_video, 7000, 9000, 610, Interframe));
        Assert.Equal(DropReason.RtpBeforeKeyframe, Send(_video, 7001, 9000, 611, Continuation));
        Assert.Equal(DropReason.None, Send(_video, 7003, 12_000, 640, Keyframe));
        Assert.Equal(DropReason.None, Send(_video, 7004, 12_000, 641, Continuation));
        Assert.Equal(DropReason.RtpTooOld, Send(_video, 7002, 9000, 650, Continuation));
        Assert.Equal([100, 101, 103, 104], Logged(_video).Select(packet => packet.ExtendedSequenceNumber));
    }

    [Fact]
    public void Second_source_beside_a_live_one_is_not_taken()
    {
        _video.Bind(1, isRtx: false);
        Send(_video, 100, 0, 0, Keyframe);
        Assert.False(_video.CanBind(isRtx: false, At(400)));
        Assert.True(_video.CanBind(isRtx: true, At(400)));
        Assert.True(_video.CanBind(isRtx: false, At(501)));
        _video.HandleBye();
        Assert.True(_video.CanBind(isRtx: false, At(10)));
    }

    [Fact]
    public void Loss_of_both_sources_is_counted()
    {
        _audio.Bind(1, isRtx: false);
        Send(_audio, 1, 0, 0, [0xFC]);
        Send(_audio, 4, 0, 0, [0xFC]);
        _audio.Bind(2, isRtx: false);
        Send(_audio, 1000, 0, 1000, [0xFC]);
        Send(_audio, 1002, 0, 1020, [0xFC]);
        Assert.Equal(3, _audio.Lost);
        Assert.True(_audio.TryReport(At(2000), out var block));
        Assert.Equal((2u, 1002u), (block.Ssrc, block.ExtendedHighestSequenceNumber));
    }

    [Fact]
    public void Sender_reports_of_a_new_source_speak_in_the_tracks_time()
    {
        _audio.Bind(1, isRtx: false);
        Send(_audio, 1, 50_000, 0, [0xFC]);
        _audio.Bind(2, isRtx: false);
        Send(_audio, 1000, 900_000, 1000, [0xFC]);
        _audio.HandleSenderReport(0xE000_0000_0000_0000, 900_000 + 480, At(1010));
        Assert.True(_audio.Source.Clock.TryRead(out var pair));
        Assert.Equal(50_000u + 48_000 + 480, pair.RtpTimestamp);
    }

    private static ReceiveTrack Track(MediaKind kind, CodecKind codec, int clockRateHz) => new(
        new NegotiatedMedia
        {
            Index = 0,
            Mid = "0",
            Kind = kind,
            Codec = new NegotiatedCodec(codec, 96, 97, clockRateHz, 1, "", Nack: true, Pli: true, Fir: true, TransportCc: false, Remb: false),
            Extensions = new HeaderExtensionMap(),
            ReducedSizeRtcp = true,
        },
        new SourceTrack(kind, codec, "", clockRateHz));

    private static MonotonicTime At(double milliseconds) => MonotonicTime.FromMilliseconds(10_000 + milliseconds);

    private static DropReason Send(ReceiveTrack track, int sequence, uint timestamp, double milliseconds, byte[] payload)
    {
        var datagram = new byte[RtpHeader.FixedLength + payload.Length];
        RtpHeader.Write(datagram, marker: false, 96, (ushort)sequence, timestamp, track.Ssrc, extension: false, padding: false);
        payload.CopyTo(datagram, RtpHeader.FixedLength);
        Assert.Equal(DropReason.None, RtpPacketView.TryParse(datagram, out var packet));
        return track.HandleMedia(sequence, packet.Timestamp, packet.Marker, packet.Payload, default, At(milliseconds), restored: false);
    }

    private static List<LoggedPacket> Logged(ReceiveTrack track)
    {
        var packets = new List<LoggedPacket>();
        for (var position = track.Source.Log.Floor; position < track.Source.Log.Head; position++)
        {
            Assert.True(track.Source.Log.TryGet(position, out var packet));
            packets.Add(packet);
        }

        return packets;
    }
}
