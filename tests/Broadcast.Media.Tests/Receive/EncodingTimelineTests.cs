using Broadcast.Media.Receive;
using Broadcast.Media.Routing;
using Broadcast.Rtc;
using Broadcast.Rtc.HeaderExtensions;
using Broadcast.Rtc.Rtp;
using Broadcast.Rtc.Sdp.Negotiation;
using CsCheck;

namespace Broadcast.Media.Tests.Receive;

/// <summary>Timestamps of simulcast encodings on one time line.</summary>
public class EncodingTimelineTests
{
    private const uint ClockRate = 90_000;
    private const ulong Ntp = 0xE000_0000_1234_5678;

    private readonly uint[] _origins = [0, 0, 0];
    private readonly ReceiveTrack[] _encodings = [.. new[] { "l", "m", "h" }.Select(Track)];
    private readonly EncodingTimeline _timeline;

    public EncodingTimelineTests() => _timeline = new EncodingTimeline(_encodings);

    [Fact]
    public void Encodings_with_origins_of_their_own_agree_to_the_tick_after_their_reports()
    {
        Gen.Select(Gen.UInt, Gen.UInt, Gen.UInt, Gen.Int[0, 80], Gen.Int[0, 80]).Sample((a, b, c, late, later) =>
        {
            var test = new EncodingTimelineTests();
            (test._origins[0], test._origins[1], test._origins[2]) = (a, b, c);
            if (Near(a, b) || Near(a, c) || Near(b, c)) return;
            test.First(0, 1_000, 0);
            test.First(1, 1_500, late);
            test.First(2, 3_000, later);
            for (var i = 0; i < 3; i++) test.Report(i, 4_000 + (i * 130));
            for (var i = 1; i < 3; i++) Assert.InRange(Math.Abs(test.Difference(i, 6_000)), 0, 1);
        });

        static bool Near(uint a, uint b) => Math.Abs((int)(a - b)) < ClockRate;
    }

    [Fact]
    public void Arrival_is_good_to_some_ten_milliseconds_before_reports_come()
    {
        (_origins[0], _origins[1]) = (1_000_000, 4_000_000_000);
        First(0, 1_000, 0);
        First(1, 2_000, lateMilliseconds: 30);
        Assert.Equal(30 * 90, Math.Abs(Difference(1, 5_000)));
    }

    [Fact]
    public void Encodings_of_one_origin_are_taken_as_they_are_whatever_their_reports_say()
    {
        _origins.AsSpan().Fill(77);
        First(0, 1_000, 0);
        First(1, 1_010, lateMilliseconds: 45);
        First(2, 1_500, lateMilliseconds: 20);
        for (var i = 0; i < 3; i++)
        {
            Report(i, 3_000, offsetMilliseconds: i * 700);
            Assert.Equal(0, Difference(i, 5_000));
        }
    }

    [Fact]
    public void Time_line_of_the_first_report_goes_on_as_it_was()
    {
        (_origins[0], _origins[1], _origins[2]) = (5_000_000, 4_000_000_000, 2_000_000_000);
        First(0, 1_000, 0);
        First(1, 1_000, lateMilliseconds: 25);
        var before = _encodings[1].Source.Alignment;
        Report(1, 2_000);
        Assert.Equal(before, _encodings[1].Source.Alignment);
        Report(0, 1_500); // older than the first one
        Assert.InRange(Math.Abs(Difference(1, 5_000)), 0, 1);
    }

    [Fact]
    public void Single_encoding_needs_no_alignment()
    {
        var alone = Track("");
        var timeline = new EncodingTimeline([alone]);
        timeline.OnFirstPacket(alone, 123, At(5));
        alone.HandleSenderReport(Ntp, 5_000, At(10));
        timeline.OnSenderReport(alone);
        Assert.Equal(0u, alone.Source.Alignment);
    }

    [Fact]
    public void Report_before_media_is_no_reason_for_anything()
    {
        Report(1, 1_000);
        Assert.Equal(0u, _encodings[1].Source.Alignment);
    }

    /// <summary>Ticks by which an encoding's time differs from the first one's at one instant.</summary>
    private int Difference(int encoding, double milliseconds) =>
        (int)(Timestamp(encoding, milliseconds) + _encodings[encoding].Source.Alignment - (Timestamp(0, milliseconds) + _encodings[0].Source.Alignment));

    private void First(int encoding, double milliseconds, double lateMilliseconds) =>
        _timeline.OnFirstPacket(_encodings[encoding], Timestamp(encoding, milliseconds), At(milliseconds + lateMilliseconds));

    private void Report(int encoding, double milliseconds, double offsetMilliseconds = 0)
    {
        var ntp = Ntp + (ulong)((milliseconds + offsetMilliseconds) / 1000 * (1UL << 32));
        _encodings[encoding].HandleSenderReport(ntp, Timestamp(encoding, milliseconds), At(milliseconds + 10));
        _timeline.OnSenderReport(_encodings[encoding]);
    }

    private uint Timestamp(int encoding, double milliseconds) => _origins[encoding] + (uint)(long)(milliseconds * ClockRate / 1000);

    private static MonotonicTime At(double milliseconds) => MonotonicTime.FromMilliseconds(10_000 + milliseconds);

    private static ReceiveTrack Track(string rid) => new(
        new NegotiatedMedia
        {
            Index = 0,
            Mid = "0",
            Kind = MediaKind.Video,
            Codec = new NegotiatedCodec(CodecKind.Vp8, 96, 97, (int)ClockRate, 1, "", Nack: true, Pli: true, Fir: true, TransportCc: false, Remb: false),
            Extensions = new HeaderExtensionMap(),
            ReducedSizeRtcp = true,
        },
        new SourceTrack(MediaKind.Video, CodecKind.Vp8, "", (int)ClockRate) { Rid = rid });
}
