using Broadcast.Recording.Timeline;
using Broadcast.Rtc;

namespace Broadcast.Recording.Tests.Timeline;

/// <summary>Sound and picture stay together, whatever clocks and networks do.</summary>
public class MediaTimelineTests
{
    private const double Epoch = 3_900_000_000;

    private readonly MediaTimeline _timeline = new();
    private readonly Source _sound;
    private readonly Source _picture;

    public MediaTimelineTests()
    {
        _sound = new Source(_timeline, MediaKind.Audio, 48_000, 1_000_000);
        _picture = new Source(_timeline, MediaKind.Video, 90_000, 4_000_000_000);
    }

    [Fact]
    public void What_happened_together_has_one_position_however_late_it_came()
    {
        _sound.Arrive(1, delay: 0.02);
        _picture.Arrive(1, delay: 0.4);
        _sound.Report(0.5);
        _picture.Report(0.9);
        Begin(1);

        Assert.Equal(0, Apart(1), 3);
        Assert.Equal(0, Apart(5), 3);
        Assert.False(_picture.Line.IsProvisional);
    }

    [Theory]
    [InlineData(100e-6, -100e-6)]
    [InlineData(-100e-6, 100e-6)]
    [InlineData(0, 100e-6)]
    public void Half_an_hour_of_drifting_clocks_stays_together(double sound, double picture)
    {
        var random = new Random(1);
        (_sound.Drift, _picture.Drift) = (sound, picture);
        _sound.Report(0.1);
        _picture.Report(0.2);
        Begin(1);

        var worst = 0.0;
        var last = double.MinValue;
        for (var at = 1.0; at < 1800; at += 1 / 30.0)
        {
            // Reports come every five seconds, and are off by some milliseconds.
            if ((int)(at / 5) != (int)((at - (1 / 30.0)) / 5))
            {
                _sound.Report(at, noise: (random.NextDouble() - 0.5) * 0.01);
                _picture.Report(at + 0.3, noise: (random.NextDouble() - 0.5) * 0.01);
            }

            var position = _picture.Position(at);
            Assert.True(position > last, $"{position} after {last} at {at}");
            Assert.True(last == double.MinValue || Math.Abs(position - last - (1 / 30.0)) < 0.0001, $"a step of {position - last} at {at}");
            last = position;
            worst = Math.Max(worst, Math.Abs(position - _sound.Position(at)));
            Assert.False(_timeline.NeedsCorrection);
        }

        Assert.True(worst < 0.04, $"{worst * 1000:F1} ms apart at worst");
    }

    [Fact]
    public void Without_reports_arrival_decides_and_the_first_reports_correct_it_once()
    {
        _sound.Arrive(1, delay: 0.02);
        _picture.Arrive(1, delay: 0.32);
        Begin(1);
        Assert.True(_picture.Line.IsProvisional);
        Assert.Equal(0.3, Apart(1), 3);

        _sound.Report(4);
        _picture.Report(4.1);
        Assert.True(_timeline.NeedsCorrection);
        Assert.Equal(0.3, Apart(4.2), 2);
        _timeline.Correct();
        Assert.False(_timeline.NeedsCorrection);
        Assert.Equal(0, Apart(4.3), 3);
    }

    [Fact]
    public void Small_error_is_slewed_away_without_a_new_segment()
    {
        _sound.Arrive(1, delay: 0.02);
        _picture.Arrive(1, delay: 0.05);
        Begin(1);
        _sound.Report(4);
        _picture.Report(4.1);
        Assert.False(_timeline.NeedsCorrection);
        for (var at = 5.0; at < 80; at += 0.04) _picture.Position(at);
        Assert.Equal(0, Apart(80), 3);
    }

    [Fact]
    public void Publisher_whose_wall_clock_is_set_changes_nothing()
    {
        _sound.Report(0.1);
        _picture.Report(0.2);
        Begin(1);

        // The reports of the two tracks are on both sides of the step once.
        _sound.Report(10, noise: 3600);
        for (var at = 9.0; at < 10; at += 0.04) Assert.Equal(0, Apart(at), 2);
        _picture.Report(11, noise: 3600);
        for (var at = 11.0; at < 200; at += 0.04) Assert.Equal(0, Apart(at), 2);
        Assert.False(_timeline.NeedsCorrection);
    }

    [Fact]
    public void Reports_that_contradict_arrival_by_seconds_are_not_believed()
    {
        _sound.Arrive(1, delay: 0.02);
        _picture.Arrive(1, delay: 0.04);
        _sound.Report(0.5);
        _picture.Report(0.6, noise: 100);
        Begin(1);
        Assert.True(_picture.Line.IsProvisional);
        Assert.Equal(0.02, Apart(1), 3);
    }

    [Fact]
    public void Capture_times_go_before_reports()
    {
        _sound.Report(0.5);
        _picture.Report(0.6, noise: 0.2);
        _sound.Capture(0.7);
        _picture.Capture(0.8);
        Begin(1);
        Assert.Equal(0, Apart(1), 3);
    }

    [Fact]
    public void Picture_alone_needs_nothing()
    {
        _timeline.Anchor(_picture.Line, _picture.Rtp(3), TimeSpan.FromSeconds(7));
        Assert.Equal(7, _picture.Position(3), 4);
        Assert.Equal(8.5, _picture.Position(4.5), 4);
    }

    private void Begin(double at)
    {
        _timeline.Anchor(_sound.Line, _sound.Rtp(at), TimeSpan.FromSeconds(1));
        _timeline.Join(_picture.Line);
    }

    private double Apart(double at) => _picture.Position(at) - _sound.Position(at);

    /// <summary>A track of a publisher whose wall clock is true.</summary>
    private sealed class Source(MediaTimeline timeline, MediaKind kind, int clockRateHz, long origin)
    {
        public TrackLine Line { get; } = timeline.Add(clockRateHz, kind);

        public double Drift { get; set; }

        public long Rtp(double at) => origin + (long)(at * clockRateHz * (1 + Drift));

        public double Position(double at) => Line.PositionOf(Rtp(at)).TotalSeconds;

        public void Arrive(double at, double delay) => Line.NoteArrival(Rtp(at), new MonotonicTime((long)((at + delay + 50) * 1e9)));

        public void Report(double at, double noise = 0) => timeline.NoteReport(Line, Ntp(at + noise), Rtp(at));

        public void Capture(double at) => timeline.NoteCapture(Line, Ntp(at), Rtp(at));

        private static ulong Ntp(double at) => ((ulong)Epoch << 32) + (ulong)(at * 4_294_967_296.0);
    }
}
