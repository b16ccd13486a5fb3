using Broadcast.Media.Sessions;
using Broadcast.Rtc;
using Broadcast.Testing;
using Broadcast.Testing.Media;
using Broadcast.Testing.Peers;

namespace Broadcast.Simulation.Tests.Layers;

/// <summary>What a viewer says with its offer holds from the first packet on.</summary>
public class OpeningTests
{
    private static readonly LayerChoice Thumbnail = new() { MaxWidth = 320, MaxHeight = 180 };

    public static TheoryData<string> Profiles => ["VP8", "H.264", "OBS", "VP9 L3T3", "VP9 L3T3_KEY", "AV1 L3T3_KEY"];

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Thumbnail_gets_not_one_packet_of_a_larger_picture(string name)
    {
        var profile = Profile(name);
        for (var seed = 1; seed <= 4; seed++)
        {
            using var scenario = new Scenario(seed);
            scenario.PublishLayered(profile);

            // One comes before anything is known of the sizes, one afterwards; both see the next publication from its beginning.
            scenario.RunUntil(() => scenario.Node.Stream("stage").Publication is not null, 10, "a publication");
            var early = scenario.WatchLayered(choice: Thumbnail);
            scenario.RunUntil(() => Packets(early) > 30, 10, "the first pictures");
            scenario.Run(1);
            var late = scenario.WatchLayered(choice: Thumbnail);
            scenario.RunUntil(() => Packets(late) > 30, 10, "the first pictures of a later viewer");
            scenario.Run(1);
            var (before, first) = (Packets(late), scenario.Node.Stream("stage").Publication);
            scenario.PublishLayered(profile);
            scenario.RunUntil(() => scenario.Node.Stream("stage").Publication != first, 10, "the next publication");
            scenario.Run(4);

            Assert.True(Packets(late) > before + 30, "nothing of the next publication");
            foreach (var viewer in new[] { early, late })
                Assert.All(SimulcastTests.Judge(viewer, profile).Received, packet => Assert.Equal(320, WidthOf(profile, packet)));
        }
    }

    [Theory]
    [InlineData("l")]
    [InlineData("m")]
    [InlineData("h")]
    public void Encoding_that_is_named_is_the_only_one_that_is_sent(string rid)
    {
        using var scenario = new Scenario(seed: 5);
        var publisher = scenario.PublishLayered(SimulcastProfile.Vp8);
        scenario.RunUntil(() => publisher.Pictures > 100, 20, "publishing");
        var viewer = scenario.WatchLayered(choice: new LayerChoice { Rid = rid });
        scenario.Run(3);
        var received = SimulcastTests.Judge(viewer, SimulcastProfile.Vp8).Received;
        Assert.NotEmpty(received);
        Assert.All(received, packet => Assert.Equal(rid, SimulcastProfile.Vp8.Encodings[packet.Encoding].Rid));
    }

    private static long Packets(TestViewer viewer) => SimulcastTests.Video(viewer).Packets;

    private static int WidthOf(SimulcastProfile profile, in LayeredContent packet) =>
        profile.Encodings[packet.Encoding].Width >> (profile.SpatialLayers - 1 - packet.SpatialId);

    private static SimulcastProfile Profile(string name) => name switch
    {
        "VP8" => SimulcastProfile.Vp8,
        "H.264" => SimulcastProfile.H264,
        "OBS" => SimulcastProfile.Obs,
        "VP9 L3T3" => SimulcastProfile.Layered(CodecKind.Vp9, 3, isKeyMode: false),
        "VP9 L3T3_KEY" => SimulcastProfile.Layered(CodecKind.Vp9, 3, isKeyMode: true),
        _ => SimulcastProfile.Layered(CodecKind.Av1, 3, isKeyMode: true),
    };
}
