using Broadcast.Media.Sessions;
using Broadcast.Rtc;
using Broadcast.Testing;
using Broadcast.Testing.Media;
using Broadcast.Testing.Network;
using Broadcast.Testing.Peers;

namespace Broadcast.Simulation.Tests.Layers;

/// <summary>Newcomers to several encodings or layers of a publisher who makes no keyframe when asked, on links that lose and reorder: from the cache to the live edge.</summary>
public class LossyJoinTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan Usual = TimeSpan.FromMilliseconds(60);
    private static readonly TimeSpan Late = TimeSpan.FromMilliseconds(150);
    private static readonly LinkConditions Rough = new()
    {
        Loss = 0.02,
        Delay = TimeSpan.FromMilliseconds(15),
        Jitter = TimeSpan.FromMilliseconds(3),
        Reordering = 0.02,
    };

    public static TheoryData<string> Kinds => ["VP8 simulcast", "H264 simulcast", "OBS simulcast", "VP9 L3T3", "VP9 L3T3_KEY", "VP9 L3T3 flexible", "AV1 L1T3", "AV1 L3T3", "AV1 L3T3_KEY"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Newcomers_are_live_soon_whatever_they_choose_meanwhile(string kind) => Run(kind, firstSeed: 1, joins: 8);

    [Theory]
    [MemberData(nameof(Kinds))]
    [Trait("Category", "Long")]
    public void Very_many_newcomers_are_live_soon_whatever_they_choose_meanwhile(string kind)
    {
        Run(kind, firstSeed: 100, joins: 100);
        foreach (var overtaken in new[] { 88_969, 748_494, 113_637 }) Run(kind, overtaken, joins: 1); // by a picture that is left out
        Run(kind, Random.Shared.Next(1_000, 1_000_000), joins: 100);
    }

    private static void Run(string kind, int firstSeed, int joins)
    {
        var profile = SwitchStormTests.ProfileOf(kind) with { AnswersPli = false, KeyframesTogether = true, KeyframeInterval = TimeSpan.FromSeconds(4) };
        var atOnce = 0;
        for (var seed = firstSeed; seed < firstSeed + joins; seed++)
        {
            if (Join(profile, seed, $"{kind}, seed {seed}")) atOnce++;
        }

        // What is lost for good between two keyframes leaves nothing to begin with.
        Assert.True(atOnce >= joins * 0.8, $"{atOnce} of {joins} saw a picture at once ({kind}, seeds from {firstSeed})");
    }

    /// <summary>One newcomer, who chooses before it is connected, and again while it may still be catching up.</summary>
    /// <returns>True when its first picture came at once.</returns>
    private static bool Join(SimulcastProfile profile, int seed, string where)
    {
        using var scenario = new Scenario(seed);
        var random = new Random(seed);
        var publisher = scenario.PublishLayered(profile, Rough, LinkConditions.Good);
        scenario.RunUntil(() => publisher.Pictures > 150, 20, "publishing");
        scenario.Run(random.NextDouble() * 4);
        var viewer = scenario.WatchLayered(null, LinkConditions.Good, Rough);
        viewer.Session.Viewer!.Layers.Choice = Choose(profile, random);
        scenario.RunUntil(() => viewer.IsConnected, 5, "the connection");
        var connected = scenario.Clock.Now;
        scenario.Run(random.NextDouble() * 0.8);
        viewer.Session.Viewer.Layers.Choice = Choose(profile, random);
        scenario.RunUntil(() => viewer.Video.HasKeyframe, 10, "a picture");
        scenario.Run(3);
        var settled = scenario.Clock.Now;
        scenario.Run(4);
        publisher.IsSending = false;
        scenario.Run(3);

        // What overtook the last words of the handshake could not be read, and what comes before the first that could is not asked for.
        var first = viewer.Video.InOrder.MinBy(packet => packet.At)!;
        var readable = viewer.Video.InOrder.SkipWhile(packet => packet.Sequence < first.Sequence).ToArray();
        var judge = new LayeredJudge(profile.Codec, profile.SpatialLayers, profile.IsKeyMode);
        judge.Judge(readable);
        where = $"{where}, {scenario.Drops()}";
        Assert.True(judge.Errors.Count == 0, string.Join(Environment.NewLine, judge.Errors.Take(6).Prepend(where)));
        Assert.True(
            (viewer.Video.Contradictions, viewer.ReplayedDifferently, viewer.UnknownSources) == (0, 0, 0),
            $"{viewer.Video.Contradictions} repairs differ, {viewer.ReplayedDifferently} of {viewer.Replays} replays differ, {viewer.UnknownSources} of unknown sources ({where})");
        Assert.True(judge.Missing <= Math.Max(4, readable.Length / 200), $"{judge.Missing} of {readable.Length} missing ({where})");

        // Live: as old as the network makes a picture, but for what waited for repairs: one in 25, and more than seven of thirty not once in many thousand joins.
        var steady = judge.Shown.Where(shown => shown.At > settled).ToArray();
        var ages = steady.Select(shown => shown.At - publisher.TakenAt(shown.Content)).Order().ToArray();
        var late = ages.Count(age => age > Late);
        Assert.True(ages.Length > 20 && late <= Math.Max(7, ages.Length / 10), $"{late} of {ages.Length} pictures late ({where})");
        Assert.True(ages[ages.Length / 2] < Usual, $"half of the pictures are older than {ages[ages.Length / 2]} ({where})");
        return judge.Shown[0].At - connected < Soon;
    }

    private static LayerChoice Choose(SimulcastProfile profile, Random random) => random.Next(4) == 0 ? LayerChoice.Automatic : new LayerChoice
    {
        Rid = profile.Encodings.Count > 1 ? profile.Encodings[random.Next(profile.Encodings.Count)].Rid : null,
        SpatialId = profile.SpatialLayers > 1 ? random.Next(profile.SpatialLayers) : null,
        TemporalId = profile.Codec == CodecKind.H264 ? null : random.Next(3),
    };
}
