using Broadcast.Media.Sessions;
using Broadcast.Rtc;
using Broadcast.Testing.Network;
using Broadcast.Testing.Peers;
using Broadcast.Vod.Recordings;

namespace Broadcast.Recording.Tests.Sessions;

/// <summary>Recordings of synthetic publishers over a virtual network, in virtual time.</summary>
public class RecordingTests
{
    private static readonly PublisherProfile Second = new() { Source = 2, FirstSequence = 60_000, TimestampOrigin = 0xF000_0000, FirstPictureId = 32_000 };

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Five_percent_loss_and_100_ms_round_trip_lose_no_picture_in_a_minute(int seed)
    {
        using var recorded = new RecordedScenario(seed);
        var publisher = recorded.Scenario.PublishAndSend(up: LinkConditions.Lossy(0.05, 50));
        recorded.Record();
        recorded.Scenario.Run(60);
        publisher.IsSending = false;
        recorded.Scenario.Run(3);
        var ended = recorded.Stop();

        Assert.Equal(RecordingEndReason.Requested, ended.Reason);
        var numbers = recorded.Pictures.Select(picture => picture.Number).ToArray();
        Assert.Equal(Enumerable.Range(numbers[0], numbers.Length), numbers);
        Assert.Equal(publisher.Frames - 1, numbers[^1]);
        Assert.True(numbers.Length >= 1790, $"{numbers.Length} pictures");
        Assert.DoesNotContain(recorded.Ledger.Gaps, gap => gap.Missing.HasFlag(MissingMedia.Video));
        Assert.True(publisher.Video!.Resent > 100, $"{publisher.Video.Resent} packets were sent again");
        Assert.Single(recorded.Files.All);
        Assert.True(recorded.Files.All[0].IsClosed);
    }

    [Fact]
    public void Sound_and_picture_lie_together_as_they_were_made()
    {
        using var recorded = new RecordedScenario(4);

        // Pictures are under way much longer than sound, as from a slow encoder: arrival says nothing of when they belong together.
        var publisher = recorded.Scenario.PublishAndSend(frames: 60);
        recorded.Record();
        recorded.Scenario.Run(20);
        recorded.Stop();

        var segment = Assert.Single(recorded.Files.All);
        var picture = segment.Pictures.First();
        Assert.Equal(TimeSpan.Zero, picture.Time);
        var sound = segment.Sounds.First();
        Assert.InRange(sound.Time.TotalMilliseconds, 0, 21);
        Assert.InRange((segment.Pictures.Last().Time - segment.Sounds.Last().Time).TotalMilliseconds, -60, 60);
        Assert.Empty(recorded.Ledger.Gaps);
        Assert.InRange(publisher.Feedback.KeyframeRequests.Count, 0, 2);
    }

    [Fact]
    public void Recording_begins_with_a_keyframe_and_grows_twice_a_second()
    {
        using var recorded = new RecordedScenario(5);
        recorded.Scenario.PublishAndSend(frames: 250);
        recorded.Record();
        recorded.Scenario.Run(10);
        Assert.True(recorded.Files.All[0].Pictures.First().IsKeyframe);
        Assert.InRange(recorded.Ledger.Grown.Count, 15, 30);
        Assert.InRange(recorded.Ledger.Grown[^1].Duration.TotalSeconds, 8, 10);
        recorded.Stop();
        Assert.Equal(SegmentContainer.WebM, recorded.Files.All[0].Container);
        var opened = Assert.Single(recorded.Ledger.Opened);
        Assert.Equal(["opus", "vp8"], opened.Tracks.Select(track => track.Codec));
    }

    [Fact]
    public void Publisher_who_comes_back_goes_on_in_the_same_recording_after_a_gap()
    {
        using var recorded = new RecordedScenario(6);
        var scenario = recorded.Scenario;
        var first = scenario.PublishAndSend();
        recorded.Record();
        scenario.Run(10);
        var leftAt = scenario.Clock.Now;
        scenario.Node.Close(first.Session);
        scenario.Run(20);
        var backAt = scenario.Clock.Now;
        scenario.Publish(Second);
        scenario.Run(10);
        var ended = recorded.Stop();

        Assert.Equal(2, recorded.Files.All.Count);
        Assert.All(recorded.Files.All[0].Pictures, picture => Assert.Equal(1, picture.Source));
        Assert.All(recorded.Files.All[1].Pictures, picture => Assert.Equal(2, picture.Source));
        Assert.Equal(SegmentEndReason.PublisherChanged, recorded.Ledger.Closed[0].Reason);
        var gap = Assert.Single(recorded.Ledger.Gaps);
        Assert.Equal(GapReason.PublisherAway, gap.Reason);
        Assert.Equal(MissingMedia.Audio | MissingMedia.Video, gap.Missing);
        Assert.InRange(gap.Duration.TotalSeconds, (backAt - leftAt).TotalSeconds - 0.2, (backAt - leftAt).TotalSeconds + 1);
        Assert.Equal(recorded.Ledger.Opened[1].Start, gap.At + gap.Duration);
        Assert.InRange(ended.Duration.TotalSeconds, 39, 41.5);
    }

    [Fact]
    public void Publisher_who_stays_away_ends_the_recording()
    {
        using var recorded = new RecordedScenario(7);
        var first = recorded.Scenario.PublishAndSend();
        recorded.Record(patience: TimeSpan.FromSeconds(30));
        recorded.Scenario.Run(5);
        recorded.Scenario.Node.Close(first.Session);
        recorded.Scenario.Run(29);
        Assert.Null(recorded.Ledger.Ended);
        recorded.Scenario.Run(2);
        Assert.Equal(RecordingEndReason.PublisherLeft, recorded.Ledger.Ended!.Reason);
        Assert.InRange(recorded.Ledger.Ended.Duration.TotalSeconds, 4, 7);
        Assert.Empty(recorded.Ledger.Gaps);
        Assert.False(recorded.Scenario.Node.Stream("stage").IsRecorded);
    }

    [Fact]
    public void Long_recording_is_cut_at_keyframes_without_losing_a_picture()
    {
        using var recorded = new RecordedScenario(8);
        recorded.Scenario.PublishAndSend();
        recorded.Record(segment: TimeSpan.FromSeconds(10));
        recorded.Scenario.Run(35);
        recorded.Stop();

        Assert.InRange(recorded.Files.All.Count, 3, 4);
        Assert.All(recorded.Files.All, segment => Assert.True(segment.Pictures.First().IsKeyframe));
        Assert.All(recorded.Ledger.Closed.SkipLast(1), closed => Assert.Equal(SegmentEndReason.Length, closed.Reason));
        var numbers = recorded.Pictures.Select(picture => picture.Number).ToArray();
        Assert.Equal(Enumerable.Range(numbers[0], numbers.Length), numbers);
        Assert.Empty(recorded.Ledger.Gaps);
        var times = recorded.Placed.Where(each => each.Frame.IsVideo).Select(each => each.Position.TotalMilliseconds).ToArray();
        Assert.All(times.Zip(times.Skip(1)), pair => Assert.InRange(pair.Second - pair.First, 29, 41));
    }

    [Fact]
    public void Maximum_length_ends_it()
    {
        using var recorded = new RecordedScenario(9);
        recorded.Scenario.PublishAndSend();
        recorded.Record(most: TimeSpan.FromSeconds(12));
        recorded.Scenario.Run(20);
        Assert.Equal(RecordingEndReason.MaximumLength, recorded.Ledger.Ended!.Reason);
        Assert.InRange(recorded.Ledger.Ended.Duration.TotalSeconds, 11.9, 12.5);
    }

    [Fact]
    public void Full_disk_is_a_gap_and_the_recording_goes_on()
    {
        using var recorded = new RecordedScenario(10);
        var publisher = recorded.Scenario.PublishAndSend();
        recorded.Record();
        recorded.Scenario.Run(10);
        recorded.Files.IsFull = recorded.Ledger.IsFull = true;
        recorded.Scenario.Run(20);
        Assert.Contains("No space left on device", recorded.Session.Segments.Problem, StringComparison.Ordinal);
        Assert.Null(recorded.Ledger.Ended);
        recorded.Files.IsFull = recorded.Ledger.IsFull = false;
        recorded.Scenario.Run(40);
        Assert.Null(recorded.Session.Segments.Problem);
        recorded.Stop();

        Assert.Equal([1], recorded.Files.Repaired);
        Assert.Equal(SegmentEndReason.Repaired, recorded.Ledger.Closed[0].Reason);
        var gap = Assert.Single(recorded.Ledger.Gaps);
        Assert.Equal(GapReason.StorageFailed, gap.Reason);
        Assert.InRange(gap.Duration.TotalSeconds, 20, 52);
        Assert.Equal(recorded.Ledger.Closed[0].Duration, gap.At);
        Assert.Equal(recorded.Ledger.Opened[1].Start, gap.At + gap.Duration);
        Assert.True(recorded.Files.All[1].Pictures.First().IsKeyframe);
        Assert.Equal(2, recorded.Ledger.Closed.Count);

        // The live stream did not notice.
        Assert.True(publisher.Frames > 2000);
        Assert.Equal(SessionState.Connected, publisher.Session.State);
    }

    [Fact]
    public void Event_that_could_not_be_told_is_told_in_order_later()
    {
        using var recorded = new RecordedScenario(11);
        recorded.Scenario.PublishAndSend();
        recorded.Record();
        recorded.Scenario.Run(5);
        recorded.Ledger.IsFull = true;
        recorded.Session.RequestEnd(RecordingEndReason.Requested);
        recorded.Scenario.Run(10);
        Assert.False(recorded.Session.IsDone);
        recorded.Ledger.IsFull = false;
        recorded.Scenario.Run(10);
        Assert.True(recorded.Session.IsDone);
        Assert.Collection(recorded.Ledger.Events, what => Assert.IsType<SegmentOpened>(what), what => Assert.IsType<SegmentClosed>(what), what => Assert.IsType<RecordingEnded>(what));
    }

    [Fact]
    public void Picture_that_is_lost_for_good_is_a_gap_up_to_the_next_keyframe()
    {
        using var recorded = new RecordedScenario(12);
        var publisher = recorded.Scenario.PublishAndSend();
        recorded.Record();
        recorded.Scenario.Run(5);

        // More than is asked for again.
        publisher.Host.Up.Conditions = LinkConditions.Lossy(1, 0);
        recorded.Scenario.Run(12);
        publisher.Host.Up.Conditions = LinkConditions.Good;
        recorded.Scenario.Run(20);
        recorded.Stop();

        Assert.Contains(recorded.Ledger.Gaps, gap => gap is { Missing: MissingMedia.Video, Reason: GapReason.Lost } && gap.Duration > TimeSpan.FromSeconds(11));
        Assert.Contains(recorded.Ledger.Gaps, gap => gap is { Missing: MissingMedia.Audio, Reason: GapReason.Lost } && gap.Duration > TimeSpan.FromSeconds(11));
        var pictures = recorded.Placed.Where(each => each.Frame.IsVideo).ToArray();
        for (var i = 1; i < pictures.Length; i++)
        {
            if (pictures[i].Frame.Number != pictures[i - 1].Frame.Number + 1) Assert.True(pictures[i].Frame.IsKeyframe, "a picture after a hole cannot be decoded");
        }

        // Media time goes on through the hole.
        Assert.InRange(pictures[^1].Position.TotalSeconds, 36, 39);
    }

    [Theory]
    [InlineData(0x7000_0000)]
    [InlineData(-0x0100_0000)]
    public void Clock_that_jumps_begins_another_segment_and_the_recording_goes_on(int jump)
    {
        using var recorded = new RecordedScenario(17);
        var first = recorded.Scenario.PublishAndSend();
        recorded.Record();
        recorded.Scenario.Run(10);
        first.Video!.TimestampOrigin += (uint)jump;
        first.Audio!.TimestampOrigin += (uint)jump;
        recorded.Scenario.Run(15);
        var ended = recorded.Stop();

        Assert.Equal(2, recorded.Files.All.Count);
        Assert.Equal(SegmentEndReason.ClockJumped, recorded.Ledger.Closed[0].Reason);
        Assert.True(recorded.Files.All[1].Pictures.First().IsKeyframe);
        Assert.InRange(ended.Duration.TotalSeconds, 25, 27);
        Assert.All(recorded.Ledger.Gaps, gap => Assert.True(gap.Duration < TimeSpan.FromSeconds(2), gap.ToString()));
    }

    [Fact]
    public void Encoding_that_dies_is_left_for_the_next_best_and_taken_again_when_it_stays()
    {
        using var recorded = new RecordedScenario(18);
        var publisher = recorded.Scenario.PublishLayered(SimulcastProfile.Vp8);
        recorded.Scenario.RunUntil(() => publisher.Pictures > 200, 20, "publishing");
        recorded.Record();
        recorded.Scenario.Run(20);
        publisher.Encodings[2].IsActive = false;
        recorded.Scenario.Run(20);
        publisher.Encodings[2].IsActive = true;
        recorded.Scenario.Run(20);
        recorded.Stop();

        var widths = recorded.Files.All.Select(segment => segment.Tracks.Single(track => track.Width > 0).Width).ToArray();
        Assert.Equal(3, widths.Length);
        Assert.True(widths[0] > widths[1] && widths[2] == widths[0], string.Join(' ', widths));
        Assert.All(recorded.Ledger.Closed.SkipLast(1), closed => Assert.Equal(SegmentEndReason.FormatChanged, closed.Reason));
        Assert.Equal(SegmentEndReason.Ended, recorded.Ledger.Closed[^1].Reason);

        // While the best one was dead and nobody knew it yet there was no picture; else it never stopped, and time went on as it did.
        var times = recorded.Placed.Select(each => each.Position.TotalMilliseconds).ToArray();
        var steps = times.Zip(times.Skip(1), (one, next) => next - one).ToArray();
        Assert.All(steps, step => Assert.True(step > 0));
        Assert.InRange(steps.Count(step => step > 75), 1, 1);
        Assert.InRange(steps.Max(), 400, 1500);
        var gap = Assert.Single(recorded.Ledger.Gaps);
        Assert.Equal((MissingMedia.Video, GapReason.PublisherAway), (gap.Missing, gap.Reason));
        Assert.InRange(gap.Duration.TotalMilliseconds, steps.Max() - 110, steps.Max());
        Assert.InRange(times[^1], 59_000, 67_000);
    }

    [Fact]
    public void Sound_alone_is_recorded()
    {
        using var recorded = new RecordedScenario(13);
        recorded.Scenario.Publish(new PublisherProfile { Packetize = static (_, _) => [] });
        recorded.Scenario.Run(1);
        recorded.Record();
        recorded.Scenario.Run(20);
        var ended = recorded.Stop();
        var segment = Assert.Single(recorded.Files.All);
        Assert.Single(segment.Tracks);
        Assert.Equal(CodecKind.Opus, segment.Tracks[0].Codec);
        Assert.InRange(ended.Duration.TotalSeconds, 18, 22);
    }

    [Fact]
    public void Picture_alone_is_recorded()
    {
        using var recorded = new RecordedScenario(14);
        recorded.Scenario.PublishAndSend(new PublisherProfile { SendsAudio = false });
        recorded.Record();
        recorded.Scenario.Run(20);
        var ended = recorded.Stop();
        var segment = Assert.Single(recorded.Files.All);
        Assert.Equal(CodecKind.Vp8, Assert.Single(segment.Tracks).Codec);
        Assert.InRange(ended.Duration.TotalSeconds, 19, 23);
        Assert.Empty(recorded.Ledger.Gaps);
    }

    [Fact]
    public void What_is_no_video_ends_as_failed_with_its_reason()
    {
        using var recorded = new RecordedScenario(15);
        recorded.Scenario.Publish(new PublisherProfile { SendsAudio = false, Packetize = static (number, _) => [[0x10, 0xFF, (byte)number]] });
        recorded.Scenario.Run(1);
        recorded.Record();
        recorded.Scenario.Run(90);
        Assert.Equal(RecordingEndReason.Failed, recorded.Ledger.Ended!.Reason);
        Assert.Contains("could not be understood", recorded.Ledger.Ended.Error, StringComparison.Ordinal);
        Assert.Empty(recorded.Files.All);
    }

    [Fact]
    public void Garbage_between_pictures_is_a_gap_and_nothing_worse()
    {
        using var recorded = new RecordedScenario(19);
        recorded.Scenario.PublishAndSend(new PublisherProfile
        {
            Packetize = static (number, keyframe) => number is >= 200 and < 230 ? [[0x00, 0xFF, 0xFF, 0xFF, (byte)number]] : Pictures.Packetize(number, keyframe),
        });
        recorded.Record();
        recorded.Scenario.Run(20);
        var ended = recorded.Stop();

        Assert.Equal(RecordingEndReason.Requested, ended.Reason);
        Assert.Single(recorded.Files.All);
        var numbers = recorded.Pictures.Select(picture => picture.Number).ToArray();
        Assert.DoesNotContain(numbers, number => number is >= 200 and < 230);
        Assert.True(numbers[^1] > 500, $"the last picture is {numbers[^1]}");
        var gap = Assert.Single(recorded.Ledger.Gaps);
        Assert.Equal((MissingMedia.Video, GapReason.Undecodable), (gap.Missing, gap.Reason));
        Assert.InRange(gap.Duration.TotalSeconds, 0.9, 3);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Whatever_is_wrong_with_the_bits_the_recording_ends_whole(int seed)
    {
        var random = new Random(seed);
        using var recorded = new RecordedScenario(seed);
        var publisher = recorded.Scenario.PublishAndSend(new PublisherProfile
        {
            KeyframeInterval = TimeSpan.FromSeconds(1),
            Packetize = (number, keyframe) => [.. Pictures.Packetize(number, keyframe).Select(payload => Pictures.Damage(payload, random))],
        });
        recorded.Record();
        for (var i = 0; i < 10; i++)
        {
            recorded.Scenario.Run(2);
            if (random.Next(3) == 0) publisher.Video!.TimestampOrigin += (uint)random.Next();
            if (random.Next(3) == 0) publisher.Audio!.TimestampOrigin -= 900;
        }

        recorded.Scenario.Run(10);
        var ended = recorded.Stop();
        Assert.Equal(RecordingEndReason.Requested, ended.Reason);
        Assert.NotEmpty(recorded.Files.All);
        Assert.All(recorded.Files.All, segment => Assert.True(segment.IsClosed));
        Assert.All(recorded.Files.All.Where(segment => segment.Tracks.Length == 2), segment => Assert.True(segment.Pictures.First().IsKeyframe));
        Assert.Equal(recorded.Files.All.Count, recorded.Ledger.Closed.Count);

        // Segments follow each other and never lie over each other.
        for (var i = 1; i < recorded.Ledger.Opened.Count; i++)
            Assert.True(recorded.Ledger.Opened[i].Start >= recorded.Ledger.Opened[i - 1].Start + recorded.Ledger.Closed[i - 1].Duration);
        Assert.Equal(SessionState.Connected, publisher.Session.State);
    }

    [Fact]
    public void Without_reports_it_begins_after_three_seconds()
    {
        using var recorded = new RecordedScenario(16);
        var publisher = recorded.Scenario.Publish();
        publisher.SendsReports = false;
        recorded.Scenario.RunUntil(() => publisher.Frames > 5, 5, "publishing");
        recorded.Record();
        recorded.Scenario.Run(2.5);
        Assert.Empty(recorded.Files.All);
        recorded.Scenario.Run(1);
        Assert.Single(recorded.Files.All);
        Assert.InRange(recorded.Files.All[0].Sounds.First().Time.TotalMilliseconds, 0, 30);
        recorded.Stop();
    }

}
