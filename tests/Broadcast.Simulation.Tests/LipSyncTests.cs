using Broadcast.Rtc.Rtp;
using Broadcast.Testing;
using Broadcast.Testing.Network;
using Broadcast.Testing.Peers;

namespace Broadcast.Simulation.Tests;

/// <summary>Sender reports toward viewers carry the publisher's clock, so that sound and picture stay together.</summary>
public class LipSyncTests
{
    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 40)]
    [InlineData(3, 150)]
    public void Sound_and_picture_map_onto_the_publishers_clock_within_a_millisecond(int seed, double jitter)
    {
        using var scenario = new Scenario(seed, workers: 2);
        var link = new LinkConditions { Delay = TimeSpan.FromMilliseconds(20), Jitter = TimeSpan.FromMilliseconds(jitter) };
        var publisher = scenario.Publish(new PublisherProfile { ClockOffset = TimeSpan.FromHours(-7.3) }, link);
        scenario.RunUntil(() => publisher.Frames > 10, 5, "publishing");
        var viewer = scenario.Watch(up: link);
        scenario.RunUntil(() => viewer.Video?.Decoder.Last is not null, 3, "the first picture");
        scenario.Run(12);
        Compare(scenario, viewer, publisher, 1);

        // Another session with another clock, other origins and other numbers.
        var second = scenario.Publish(
            new PublisherProfile { Source = 2, ClockOffset = TimeSpan.FromHours(2.1), TimestampOrigin = 99, FirstSequence = 3 }, link);
        scenario.RunUntil(() => viewer.Video.Decoder.Last!.Source == 2, 3, "pictures of the second session");
        scenario.Run(12);
        Compare(scenario, viewer, second, 2);
    }

    [Fact]
    public void Without_reports_of_the_publisher_none_are_invented()
    {
        using var scenario = new Scenario(11);
        var publisher = scenario.Publish();
        publisher.SendsReports = false;
        scenario.RunUntil(() => publisher.Frames > 10, 5, "publishing");
        var viewer = scenario.Watch();
        scenario.Run(6);
        Assert.NotNull(viewer.Video.Decoder.Last);
        Assert.Empty(viewer.SenderReports);
        publisher.SendsReports = true;
        scenario.Run(3);
        Assert.NotEmpty(viewer.SenderReports);
    }

    [Theory]
    [InlineData(21)]
    [InlineData(22)]
    public void Reports_come_every_second_and_their_ntp_time_only_rises(int seed)
    {
        using var scenario = new Scenario(seed);
        var publisher = scenario.Publish(up: new LinkConditions { Reordering = 0.3, ReorderDelay = TimeSpan.FromMilliseconds(1100), Jitter = TimeSpan.FromMilliseconds(60) });
        scenario.RunUntil(() => publisher.Frames > 10, 5, "publishing");
        var viewer = scenario.Watch();
        scenario.Run(20);
        foreach (var reports in viewer.SenderReports.GroupBy(report => report.Ssrc))
        {
            Assert.InRange(reports.Count(), 13, 21);
            foreach (var (before, after) in reports.Zip(reports.Skip(1)))
            {
                Assert.True(after.Ntp > before.Ntp, $"NTP time {(after.Ntp - (double)before.Ntp) / (1L << 32):F3} s later (seed {seed})");
                Assert.True((int)(after.Rtp - before.Rtp) > 0, $"RTP time goes back (seed {seed})");
            }
        }
    }

    [Fact]
    public void Round_trip_to_the_viewer_is_measured()
    {
        using var scenario = new Scenario(31);
        var publisher = scenario.Publish();
        scenario.RunUntil(() => publisher.Frames > 10, 5, "publishing");
        var viewer = scenario.Watch(up: LinkConditions.Lossy(0, 70));
        scenario.Run(8);
        Assert.InRange(viewer.Session.Viewer!.RoundTrip!.Value.TotalMilliseconds, 138, 152);
    }

    /// <summary>Maps every packet by the newest sender report before it, as a player does, and compares with when it was captured.</summary>
    private static void Compare(Scenario scenario, TestViewer viewer, TestPublisher publisher, byte source)
    {
        foreach (var (track, sent) in new[] { (viewer.Video, publisher.Video!), (viewer.Audio!, publisher.Audio!) })
        {
            var compared = 0;

            // While it catches up, pictures have the time at which they go out.
            var began = track.InOrder.First(packet => packet.Source == source).At + TimeSpan.FromSeconds(1);
            foreach (var packet in track.InOrder.Where(packet => packet.Source == source && packet.At > began))
            {
                var (_, _, ntp, rtp) = viewer.SenderReports.LastOrDefault(report => report.Ssrc == track.Track.Ssrc && report.At <= packet.At && report.At > began);
                if (ntp == 0) continue;
                var mapped = NtpTime.ToUnixNanoseconds(ntp) + RtpTimestamp.ToNanoseconds((int)(packet.Timestamp - rtp), sent.ClockRateHz);
                var captured = NtpTime.ToUnixNanoseconds(publisher.NtpOf(packet));
                var error = Math.Abs(mapped - captured) / 1e6;
                Assert.True(error < 1, $"{track.Track.Kind} is {error:F3} ms off the publisher's clock (seed {scenario.Seed})");
                compared++;
            }

            Assert.True(compared > 200, $"{compared} packets compared");
        }
    }
}
