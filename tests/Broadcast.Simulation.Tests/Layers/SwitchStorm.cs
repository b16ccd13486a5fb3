using Broadcast.Media.Sessions;
using Broadcast.Rtc;
using Broadcast.Testing;
using Broadcast.Testing.Media;
using Broadcast.Testing.Network;
using Broadcast.Testing.Peers;

namespace Broadcast.Simulation.Tests.Layers;

/// <summary>A viewer who changes its mind all the time on links that lose and reorder.</summary>
internal sealed class SwitchStorm(SimulcastProfile profile, int seed)
{
    private static readonly TimeSpan Drift = TimeSpan.FromMilliseconds(20);

    /// <summary>A keyframe that comes late is shown after what was shown already; its encoding's own time holds soon after.</summary>
    private static readonly TimeSpan DriftAtSwitch = TimeSpan.FromMilliseconds(85);

    private static readonly TimeSpan SwitchTime = TimeSpan.FromMilliseconds(200);
    private static readonly LinkConditions Rough = new()
    {
        Loss = 0.02,
        Delay = TimeSpan.FromMilliseconds(15),
        Jitter = TimeSpan.FromMilliseconds(3),
        Reordering = 0.02,
    };

    /// <summary>Runs it and looks at everything.</summary>
    /// <param name="choices">Wishes of the viewer, one every 0.2 to 1 s.</param>
    public void Run(int choices)
    {
        using var scenario = new Scenario(seed);
        var random = new Random(seed);
        var publisher = scenario.PublishLayered(profile, Rough, LinkConditions.Good);
        scenario.RunUntil(() => publisher.Pictures > 100, 20, "publishing");
        var viewer = scenario.WatchLayered(null, LinkConditions.Good, Rough);
        scenario.RunUntil(() => viewer.Video?.Packets.Count > 100, 20, "the first pictures");
        var (began, firstJudged) = (scenario.Clock.Now, viewer.Video!.Highest);
        var layers = viewer.Session.Viewer!.Layers;
        var video = viewer.Session.Viewer.Streams.Single(stream => stream.Media.Kind == MediaKind.Video);
        for (var i = 0; i < choices; i++)
        {
            layers.Choice = new LayerChoice
            {
                Rid = profile.Encodings.Count > 1 ? profile.Encodings[random.Next(profile.Encodings.Count)].Rid : null,
                SpatialId = profile.SpatialLayers > 1 ? random.Next(profile.SpatialLayers) : null,
                TemporalId = profile.Codec == CodecKind.H264 ? null : random.Next(3),
            };
            scenario.Run(0.2 + (random.NextDouble() * 0.8));

            // What came long ago and before whatever switch.
            for (var n = 0; n < 5; n++) viewer.SendNack(viewer.Video.Track.Ssrc, (ushort)Math.Max(firstJudged, viewer.Video.Highest - random.Next(1, 60)));
        }

        layers.Choice = LayerChoice.Automatic;
        scenario.Run(3);
        var ended = scenario.Clock.Now;
        publisher.IsSending = false;
        scenario.Run(3);

        var where = $"{profile.Codec} S{profile.SpatialLayers}{(profile.IsKeyMode ? " KEY" : "")}, seed {seed}, {scenario.Drops()}";
        var judge = new LayeredJudge(profile.Codec, profile.SpatialLayers, profile.IsKeyMode);
        judge.Judge(viewer.Video.InOrder);
        Assert.True(judge.Errors.Count == 0, string.Join(Environment.NewLine, judge.Errors.Take(8).Prepend($"{where}: {judge.Missing} missing, {judge.Padding} padding, {judge.Shown.Count} shown, {video.Switches} switches")));
        Assert.True(
            (viewer.Video.Contradictions, viewer.ReplayedDifferently, viewer.UnknownSources) == (0, 0, 0),
            $"{viewer.Video.Contradictions} repairs differ, {viewer.ReplayedDifferently} of {viewer.Replays} replays differ, {viewer.UnknownSources} of unknown sources ({where})");
        var (span, received) = (viewer.Video.Highest - firstJudged, viewer.Video.Packets.Keys.Count(sequence => sequence > firstJudged));
        Assert.True(span - received <= span / 500, $"{span - received} of {span} lost ({where})");
        Assert.True(viewer.RtxPackets > choices / 2, $"{viewer.RtxPackets} repairs ({where})");

        Assert.True(judge.Useless <= choices / 20, $"{judge.Useless} pictures that nobody can decode ({where})");

        // Every picture that the layers allow is shown: the lowest temporal layer is a quarter of all.
        var pictures = publisher.Pictures / 4;
        Assert.True(judge.Shown.Count > pictures * 0.9, $"{judge.Shown.Count} of at least {pictures} shown ({where})");
        var qualities = judge.Shown.Select(shown => (shown.Content.Encoding, shown.Content.SpatialId)).Distinct().Count();
        Assert.True(profile.Encodings.Count * profile.SpatialLayers == qualities, $"{qualities} qualities shown ({where})");
        if (profile.Encodings.Count > 1) Assert.True(video.Switches > choices / 6, $"{video.Switches} switches ({where})");
        AssertTime(publisher, judge, began, where);

        // At most one a second for each encoding.
        foreach (var encoding in publisher.Encodings)
        {
            var asked = publisher.Feedback.KeyframeTargets.Where(request => request.Ssrc == encoding.Track.Ssrc).Select(request => request.At).ToArray();
            Assert.All(asked.Zip(asked.Skip(1)), pair => Assert.True(pair.Second - pair.First >= TimeSpan.FromMilliseconds(990), $"{pair.Second - pair.First} between requests ({where})"));
            Assert.True(asked.Length <= (ended - began).TotalSeconds + 10);
        }
    }

    /// <summary>Toward the viewer all pictures are as far apart as when they were taken, but for the first of an encoding.</summary>
    private void AssertTime(SimulcastPublisher publisher, LayeredJudge judge, MonotonicTime began, string where)
    {
        var steady = judge.Shown.Where(shown => shown.At > began + TimeSpan.FromSeconds(2)).ToArray();
        var first = steady[0];
        var (encoding, since) = (first.Content.Encoding, MonotonicTime.Zero);
        foreach (var shown in steady)
        {
            if (shown.Content.Encoding != encoding) (encoding, since) = (shown.Content.Encoding, publisher.TakenAt(shown.Content));
            var allowed = publisher.TakenAt(shown.Content) - since < SwitchTime ? DriftAtSwitch : Drift;
            var taken = publisher.TakenAt(shown.Content) - publisher.TakenAt(first.Content);
            var told = TimeSpan.FromSeconds((int)(shown.Timestamp - first.Timestamp) / 90_000.0);
            Assert.True((told - taken).Duration() < allowed, $"picture {shown.Content.Picture} of {shown.Content.Encoding}: {(told - taken).TotalMilliseconds:F1} ms off ({where})");
        }

        Assert.Equal(profile.Encodings.Count, judge.Shown.Select(shown => shown.Content.Encoding).Distinct().Count());
    }
}
