using Broadcast.Media.Congestion;
using Broadcast.Media.Layers;
using Broadcast.Media.Routing;
using Broadcast.Media.Send;
using Broadcast.Media.Sessions;
using Broadcast.Rtc;
using Broadcast.Rtc.HeaderExtensions;
using Broadcast.Rtc.Sdp.Negotiation;

namespace Broadcast.Media.Tests.Layers;

/// <summary>When a viewer goes over to another quality.</summary>
public class LayerControllerTests
{
    private const long Plenty = 100_000_000;
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);

    private readonly SourceTrack[] _tracks = Rungs.Tracks();
    private readonly Estimate _estimate = new() { BitsPerSecond = 900_000 };
    private readonly LayerController _controller;
    private readonly SendStream _stream = NewStream();
    private QualityLadder _ladder;
    private LayerLimits _limits = LayerLimits.None;
    private long _share = Plenty;
    private MonotonicTime _now = MonotonicTime.FromMilliseconds(50_000);

    public LayerControllerTests()
    {
        _controller = new LayerController(_estimate);
        _ladder = Rungs.Ladder(_tracks);
        Start();
    }

    [Theory]
    [InlineData(300_000, 0)]
    [InlineData(999_000, 1)] // seven tenths of it
    [InlineData(1_000_000, 1)]
    [InlineData(3_571_000, 2)]
    [InlineData(1, 0)] // the least there is
    public void Viewer_begins_with_part_of_the_estimate(long estimate, int rung)
    {
        _estimate.BitsPerSecond = estimate;
        Assert.Same(_tracks[rung], Start().Track);
    }

    [Fact]
    public void Better_quality_is_taken_after_two_seconds_of_proof()
    {
        _estimate.BitsPerSecond = 3_000_000;
        Assert.Equal(TimeSpan.FromSeconds(2), TimeUntil(2));
    }

    [Fact]
    public void Better_quality_needs_room_to_spare()
    {
        _estimate.BitsPerSecond = 700_000 * 115 / 100;
        Assert.Null(TimeUntil(2, seconds: 30));
        _estimate.BitsPerSecond = 2_500_000 * 115 / 100 - 1_000_000;
        Assert.Null(TimeUntil(2, seconds: 30));
    }

    [Fact]
    public void Proof_begins_anew_when_it_was_interrupted()
    {
        for (var i = 0; i < 20; i++)
        {
            _estimate.BitsPerSecond = 3_000_000;
            Assert.Null(TimeUntil(2, seconds: 1.5));
            _estimate.BitsPerSecond = 900_000;
            Update();
        }

        Assert.Same(_tracks[1], Wanted);
    }

    [Fact]
    public void Worse_quality_is_taken_at_once()
    {
        _estimate.BitsPerSecond = 400_000;
        Update();
        Assert.Same(_tracks[0], Wanted);
    }

    [Fact]
    public void Each_forced_step_down_doubles_the_wait_before_the_next_step_up()
    {
        foreach (var seconds in new[] { 10, 20, 40, 80, 120, 120 })
        {
            _estimate.BitsPerSecond = 400_000;
            Update();
            Assert.Same(_tracks[0], Wanted);
            _estimate.BitsPerSecond = 900_000;
            var waited = TimeUntil(1, seconds: 150);
            Assert.InRange(waited!.Value.TotalSeconds, seconds - 0.2, seconds + 0.2);
        }

        // Two quiet minutes, and the wait is short again.
        Pass(125);
        _estimate.BitsPerSecond = 400_000;
        Update();
        _estimate.BitsPerSecond = 900_000;
        Assert.InRange(TimeUntil(1, seconds: 150)!.Value.TotalSeconds, 9.8, 10.2);
    }

    [Fact]
    public void Time_in_which_not_even_the_least_fits_is_one_step_down()
    {
        _estimate.BitsPerSecond = 60_000;
        Pass(5);
        Assert.Same(_tracks[0], Wanted);
        _estimate.BitsPerSecond = 900_000;
        Assert.InRange(TimeUntil(1, seconds: 150)!.Value.TotalSeconds, 4.8, 5.2);
    }

    [Fact]
    public void Steps_down_that_follow_each_other_are_one_congestion()
    {
        _estimate.BitsPerSecond = 3_000_000;
        Assert.NotNull(TimeUntil(2));
        foreach (var estimate in new[] { 900_000, 400_000 })
        {
            _estimate.BitsPerSecond = estimate;
            Update();
        }

        Assert.Same(_tracks[0], Wanted);
        _estimate.BitsPerSecond = 900_000;
        Assert.InRange(TimeUntil(1, seconds: 150)!.Value.TotalSeconds, 9.8, 10.2);
    }

    [Fact]
    public void Probe_is_asked_for_as_long_as_a_better_quality_does_not_fit()
    {
        // It begins with fewer pictures per second of 700 kbit/s; all of them would be better, then 2500.
        Update();
        Assert.InRange(_estimate.Wanted, 700_000 * 115L / 100, 700_000 * 130L / 100);
        Pass(3);
        Assert.InRange(_estimate.Wanted, 2_500_000 * 115L / 100, 2_500_000 * 130L / 100);
        _estimate.BitsPerSecond = 4_000_000;
        Assert.NotNull(TimeUntil(2));
        _estimate.Wanted = 0;
        Pass(5);
        Assert.Equal(0, _estimate.Wanted);
    }

    [Fact]
    public void No_probe_is_asked_for_while_a_step_up_would_not_be_taken_anyway()
    {
        _estimate.BitsPerSecond = 400_000;
        Update();
        _estimate.Wanted = 0;
        Pass(7);
        Assert.Equal(0, _estimate.Wanted);
        Pass(2);
        Assert.True(_estimate.Wanted > 700_000);
    }

    [Fact]
    public void Viewer_who_wants_no_more_is_not_probed()
    {
        _controller.Choice = new LayerChoice { MaxBitsPerSecond = 800_000 };
        Pass(5);
        _estimate.Wanted = 0;
        Pass(5);
        Assert.Equal(0, _estimate.Wanted);
    }

    /// <summary>A measured estimate is what the network carries, even if it never was lower.</summary>
    [Fact]
    public void Measured_estimate_holds_for_a_chosen_quality_too()
    {
        (_estimate.IsMeasured, _estimate.HasFallen) = (true, false);
        _controller.Choice = new LayerChoice { Rid = _tracks[2].Rid };
        Pass(5);
        Assert.Same(_tracks[1], Wanted);
        _estimate.BitsPerSecond = 3_000_000;
        Assert.NotNull(TimeUntil(2));
    }

    /// <summary>As with the first keyframes of a stream, whose rates are measured over a short time.</summary>
    [Fact]
    public void Rate_that_rises_above_an_estimate_that_never_fell_is_no_step_down()
    {
        _estimate.HasFallen = false;
        for (var i = 0; i < 5; i++)
        {
            _ladder = QualityLadder.Of([Rungs.Of(_tracks[0], 180, 1_000_000), Rungs.Of(_tracks[1], 360, 3_500_000), Rungs.Of(_tracks[2], 720, 12_500_000)]);
            Pass(0.5);
            Assert.Same(_tracks[1], Wanted);
            _ladder = Rungs.Ladder(_tracks);
            Pass(0.5);
        }

        // When the network speaks, the rates count.
        _estimate.BitsPerSecond = 650_000;
        Update();
        Assert.Same(_tracks[1], Wanted);
        Assert.True(_stream.IsChangingLayers);
        _estimate.BitsPerSecond = 400_000;
        Update();
        Assert.Same(_tracks[0], Wanted);
    }

    [Fact]
    public void Step_down_that_was_not_forced_by_the_network_leaves_no_wait()
    {
        _share = 250_000;
        Update();
        Assert.Same(_tracks[0], Wanted);
        _share = Plenty;
        Assert.Equal(TimeSpan.FromSeconds(2), TimeUntil(1));
    }

    [Fact]
    public void Wish_is_fulfilled_at_once()
    {
        _estimate.BitsPerSecond = Plenty;
        _controller.Choice = new LayerChoice { Rid = "f" };
        Update();
        Assert.Same(_tracks[0], Wanted);
        _controller.Choice = new LayerChoice { Rid = "0" };
        Update();
        Assert.Same(_tracks[2], Wanted);
        _controller.Choice = new LayerChoice { Rid = "a", TemporalId = 0 };
        Update();
        Assert.Same(_tracks[1], Wanted);
        Assert.True(_stream.IsChangingLayers);
    }

    [Fact]
    public void Encoding_that_falls_silent_is_left_at_once_and_taken_again_after_proof()
    {
        _estimate.BitsPerSecond = Plenty;
        TimeUntil(2);
        _ladder = Rungs.Ladder(_tracks, high: false);
        Update();
        Assert.Same(_tracks[1], Wanted);
        _ladder = Rungs.Ladder(_tracks);
        Assert.Equal(TimeSpan.FromSeconds(2), TimeUntil(2));
    }

    [Fact]
    public void First_measured_ladder_is_believed_at_once()
    {
        _estimate.BitsPerSecond = Plenty;
        _ladder = QualityLadder.Unmeasured(_tracks);
        Start();
        _ladder = Rungs.Ladder(_tracks, low: false, high: false);
        Update();
        Assert.Same(_tracks[1], Wanted);
    }

    [Fact]
    public void Viewer_with_limits_waits_until_it_is_known_what_there_is_and_one_without_does_not()
    {
        var single = new[] { Rungs.Tracks()[0] };
        foreach (var (choice, limits, isLimited) in new[]
        {
            (LayerChoice.Automatic, LayerLimits.None, false),
            (new LayerChoice { MaxWidth = 320 }, LayerLimits.None, true),
            (new LayerChoice { Rid = "a" }, LayerLimits.None, true),
            (LayerChoice.Automatic, new LayerLimits { MaxHeight = 360 }, true),
        })
        {
            _controller.Choice = choice;
            Assert.Equal(!isLimited, _controller.CanStart(QualityLadder.Unmeasured(_tracks), limits));
            Assert.Equal(!isLimited, _controller.CanStart(Rungs.Ladder(_tracks, low: false, middle: false, high: false), limits));
            Assert.True(_controller.CanStart(Rungs.Ladder(_tracks, middle: false, high: false), limits));
            Assert.True(_controller.CanStart(QualityLadder.Unmeasured(single), limits)); // VP8: there is nothing to choose
        }
    }

    [Fact]
    public void Picture_is_given_up_after_three_seconds_without_half_of_the_least_and_comes_back_when_all_of_it_fits()
    {
        // The lowest layer costs 100 kbit/s.
        _estimate.BitsPerSecond = 60_000;
        Assert.Null(TimeUntilMuted(30));
        _estimate.BitsPerSecond = 50_000;
        Assert.InRange(TimeUntilMuted(30)!.Value.TotalSeconds, 2.9, 3.1);
        _estimate.BitsPerSecond = 99_999;
        Pass(30);
        Assert.True(_stream.IsMuted);
        _estimate.BitsPerSecond = 100_000;
        Update();
        Assert.False(_stream.IsMuted);
        Assert.Same(_tracks[0], Wanted);
    }

    [Fact]
    public void Nothing_is_taken_away_and_a_chosen_quality_is_given_while_the_network_has_shown_no_limit()
    {
        (_estimate.BitsPerSecond, _estimate.HasFallen) = (40_000, false);
        Assert.Null(TimeUntilMuted(30));
        _controller.Choice = new LayerChoice { Rid = _tracks[2].Rid };
        Update();
        Assert.Same(_tracks[2], Wanted);
        _estimate.HasFallen = true;
        Update();
        Assert.Same(_tracks[0], Wanted);
    }

    [Fact]
    public void Node_that_is_full_never_takes_the_picture()
    {
        _share = 0;
        Assert.Null(TimeUntilMuted(30));
        Assert.Same(_tracks[0], Wanted);
    }

    [Fact]
    public void Viewer_who_is_crowded_out_gets_the_sound_only_and_its_share_of_the_picture_when_there_is_room_again()
    {
        (_estimate.BitsPerSecond, _estimate.HasFallen) = (Plenty, false);
        TimeUntil(2);
        _controller.IsCrowdedOut = true;
        Update();
        Assert.True(_stream.IsMuted);
        Assert.Equal((true, LayerLimit.Node), (_controller.InUse!.Paused, _controller.InUse.Limit));
        Pass(30);
        Assert.True(_stream.IsMuted);

        // The level may be less than its lowest quality: room for that was made.
        (_controller.IsCrowdedOut, _share) = (false, 50_000);
        Update();
        Assert.False(_stream.IsMuted);
        Assert.Same(_tracks[0], _stream.Track);
    }

    [Fact]
    public void Room_at_the_node_does_not_bring_a_picture_back_that_the_network_does_not_carry()
    {
        _controller.IsCrowdedOut = true;
        Update();
        (_controller.IsCrowdedOut, _estimate.BitsPerSecond) = (false, 50_000);
        Pass(10);
        Assert.True(_stream.IsMuted);
        Assert.Equal(LayerLimit.Bandwidth, _controller.InUse!.Limit);
    }

    [Theory]
    [InlineData(null, null, 100_000, 2_500_000)]
    [InlineData(360, null, 100_000, 700_000)]
    [InlineData(null, 0, 100_000, 1_250_000)]
    public void Demand_is_what_the_viewer_wants_and_may_have(int? height, int? temporalId, long least, long most)
    {
        _controller.Choice = new LayerChoice { MaxHeight = height, MaxTemporalId = temporalId };
        Assert.Equal(new PictureDemand(least, most), _controller.Demand(_ladder, LayerLimits.None));
        Assert.Equal(new PictureDemand(100_000, temporalId is null ? 200_000 : 100_000), _controller.Demand(_ladder, new LayerLimits { MaxHeight = 180 }));
        Assert.Equal(default, _controller.Demand(QualityLadder.Unmeasured(_tracks), LayerLimits.None));
    }

    [Fact]
    public void Policy_comes_into_force_at_once()
    {
        _limits = new LayerLimits { MaxHeight = 200 };
        Update();
        Assert.Same(_tracks[0], Wanted);
    }

    private SourceTrack? Wanted => _stream.NextTrack ?? _stream.Track;

    private (SourceTrack Track, LayerSelection Layers) Start()
    {
        var (track, layers) = _controller.Start(_ladder, _limits, _share);
        _stream.Attach(new Publication(new PublicationEpoch(1), "s", _tracks, () => { }), track, layers, 0, _now);
        return (track, layers);
    }

    private void Update()
    {
        _now += Step;
        _controller.Update(_ladder, _limits, _share, _stream, _now);
    }

    private void Pass(double seconds)
    {
        for (var end = _now + TimeSpan.FromSeconds(seconds); _now < end;) Update();
    }

    private TimeSpan? TimeUntil(int rung, double seconds = 10) => TimeUntil(() => Wanted == _tracks[rung], seconds);

    private TimeSpan? TimeUntilMuted(double seconds) => TimeUntil(() => _stream.IsMuted, seconds);

    /// <summary>From the first look at the new state of things.</summary>
    private TimeSpan? TimeUntil(Func<bool> condition, double seconds)
    {
        Update();
        var begin = _now;
        while (!condition())
        {
            if (_now - begin > TimeSpan.FromSeconds(seconds)) return null;
            Update();
        }

        return _now - begin;
    }

    private static SendStream NewStream() => new(
        new NegotiatedMedia
        {
            Index = 0,
            Mid = "0",
            Kind = MediaKind.Video,
            Codec = new NegotiatedCodec(CodecKind.Vp8, 96, 97, 90_000, 1, "", Nack: true, Pli: true, Fir: true, TransportCc: false, Remb: false),
            Extensions = new HeaderExtensionMap(),
            ReducedSizeRtcp = true,
        },
        1,
        2,
        100,
        0);

    private sealed class Estimate : IBandwidthEstimator
    {
        public long BitsPerSecond { get; set; }

        public bool HasFallen { get; set; } = true;

        public bool IsMeasured { get; set; }

        /// <summary>What a probe was asked for last; 0 for none.</summary>
        public long Wanted { get; set; }

        public void WantProbe(long bitsPerSecond, MonotonicTime now) => Wanted = bitsPerSecond;

        public void OnReceiverEstimate(long bitsPerSecond, MonotonicTime now)
        {
        }

        public void OnReport(byte fractionLost, long usefulBitsPerSecond, MonotonicTime now)
        {
        }
    }
}
