using Broadcast.Testing;

namespace Broadcast.Simulation.Tests;

/// <summary>A viewer joins a running broadcast.</summary>
public class JoinTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Viewer_of_a_running_broadcast_shows_every_frame_from_a_keyframe_on(int workers)
    {
        using var scenario = new Scenario(seed: 1, workers);
        var publisher = scenario.Publish(port: 40_000);
        scenario.RunUntil(() => publisher.Frames > 10, 5, "publishing");

        var viewer = scenario.Watch(port: 40_001);
        var joined = scenario.Clock.Now;
        scenario.RunUntil(() => viewer.Video?.Decoder.Last is not null, 2, "the first picture");
        Assert.True(scenario.Clock.Now - joined < TimeSpan.FromMilliseconds(250), $"first picture after {scenario.Clock.Now - joined}");
        scenario.Run(5);

        PlaybackAssert.Gapless(scenario, viewer);
        Assert.Equal(0, viewer.Video!.Missing);
        Assert.Equal(0, viewer.Audio!.Missing);
        Assert.InRange(viewer.Video.Decoder.Decoded.Count, 145, 160);
        Assert.InRange(viewer.Audio.Packets.Count, 240, 265);
        Assert.True(scenario.Clock.Now - viewer.Video.Decoder.Last!.At < TimeSpan.FromMilliseconds(60));
        Assert.Equal(1, scenario.Node.Stream("stage").Viewers);
    }
}
