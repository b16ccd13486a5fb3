using Broadcast.Media.Sessions;
using Broadcast.Rtc;
using Broadcast.Testing;
using Broadcast.Testing.Media;
using Broadcast.Testing.Peers;

namespace Broadcast.Simulation.Tests.Layers;

/// <summary>A viewer of AV1 who did not agree to the dependency descriptor sees the lowest spatial layer, and of that what it chose.</summary>
public class WithoutDescriptorTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Choice_of_layers_caps_what_is_readable_and_never_raises_it(bool isKeyMode)
    {
        using var scenario = new Scenario(seed: 1);
        var publisher = scenario.PublishLayered(SimulcastProfile.Layered(CodecKind.Av1, 3, isKeyMode));
        scenario.RunUntil(() => publisher.Pictures > 100, 20, "publishing");
        var viewer = scenario.WatchLayered(OfferText.Read("chrome-watch"));
        scenario.RunUntil(() => viewer.Video is { HasKeyframe: true }, 5, "a picture");
        var judge = new LayeredJudge(CodecKind.Av1, 3, isKeyMode);
        foreach (var (spatial, temporal) in new[] { (2, 2), (2, 0), (1, 1), (0, 2), (2, 1), (0, 0), (1, 2) })
        {
            viewer.Session.Viewer!.Layers.Choice = new LayerChoice { SpatialId = spatial, TemporalId = temporal };
            scenario.Run(1);
            var from = viewer.Video.Highest;
            scenario.Run(2);
            var packets = viewer.Video.InOrder.Where(packet => packet.Sequence > from).ToArray();
            var contents = packets.Select(packet => judge.ContentOf(packet)!.Value).ToArray();
            Assert.All(packets, packet => Assert.Empty(packet.DependencyDescriptor));
            Assert.All(contents, content => Assert.Equal(0, content.SpatialId));
            Assert.Equal(temporal, contents.Max(content => content.TemporalId));

            // Every picture that the temporal layers allow, each of two packets of which the last has the marker, and no number without a packet.
            Assert.InRange(contents.Select(content => content.Picture).Distinct().Count(), (15 << temporal) - 1, (15 << temporal) + 1);
            for (var i = 1; i < packets.Length; i++)
            {
                Assert.Equal(packets[i - 1].Sequence + 1, packets[i].Sequence);
                Assert.Equal(contents[i].Index == contents[i].Count - 1, packets[i].Marker);
            }

            var inUse = viewer.Session.Viewer.Layers.InUse!;
            Assert.Equal((0, temporal), (inUse.SpatialId, inUse.TemporalId));
        }
    }
}
