using Broadcast.Testing;
using Broadcast.Testing.Peers;

namespace Broadcast.Simulation.Tests;

/// <summary>What must hold of a viewer's stream whatever happened on the way.</summary>
internal static class PlaybackAssert
{
    /// <summary>Every byte as published, keys and counters right, timestamps and numbers continuous over the frames shown.</summary>
    public static void Intact(Scenario scenario, TestViewer viewer)
    {
        var seed = $"seed {scenario.Seed}";
        Assert.True(viewer.AuthenticationFailures == 0, $"{viewer.AuthenticationFailures} datagrams failed authentication ({seed})");
        Assert.True(viewer.Video.Corrupt == 0, $"{viewer.Video.Corrupt} corrupt video packets ({seed})");
        Assert.True((viewer.Audio?.Corrupt ?? 0) == 0, $"corrupt audio packets ({seed})");
        Assert.True(viewer.UnknownSources == 0, $"{viewer.UnknownSources} packets of unknown sources ({seed})");
        Assert.True(viewer.WithoutMid == 0, $"{viewer.WithoutMid} packets without MID ({seed})");
        foreach (var (before, after) in viewer.Video.Decoder.Decoded.Zip(viewer.Video.Decoder.Decoded.Skip(1)))
        {
            Assert.True((int)(after.Timestamp - before.Timestamp) > 0, $"timestamp {before.Timestamp} then {after.Timestamp} ({seed})");
            Assert.True(after.FirstSequence > before.LastSequence, $"sequence {before.LastSequence} then {after.FirstSequence} ({seed})");
        }
    }

    /// <summary>No frame was passed over: picture ids and TL0PICIDX go up by one.</summary>
    public static void Gapless(Scenario scenario, TestViewer viewer)
    {
        Intact(scenario, viewer);
        foreach (var (before, after) in viewer.Video.Decoder.Decoded.Zip(viewer.Video.Decoder.Decoded.Skip(1)))
        {
            var where = $"after frame {before.Frame} of {before.Source} (seed {scenario.Seed})";
            Assert.True(after.PictureId == ((before.PictureId + 1) & 0x7FFF), $"picture id {before.PictureId} then {after.PictureId} {where}");
            Assert.True(after.Tl0PictureIndex == (byte)(before.Tl0PictureIndex + 1), $"TL0PICIDX {before.Tl0PictureIndex} then {after.Tl0PictureIndex} {where}");
        }
    }
}
