using Broadcast.Media.Layers;
using Broadcast.Media.Routing;
using Broadcast.Rtc;

namespace Broadcast.Media.Tests.Layers;

/// <summary>Ladders for tests: three encodings with three temporal layers each, unless a test says otherwise.</summary>
internal static class Rungs
{
    /// <summary>The encodings, lowest first. The names say nothing about the order.</summary>
    public static SourceTrack[] Tracks() =>
        [.. new[] { "f", "a", "0" }.Select((rid, i) => new SourceTrack(MediaKind.Video, CodecKind.Vp8, "", 90_000) { Rid = rid, Index = i })];

    /// <summary>One quality; its lower temporal layers cost 50 and 75 percent.</summary>
    public static Quality Of(SourceTrack track, int height, long rate, bool isActive = true, int spatialId = 0, int temporalLayers = 3) =>
        new(track, spatialId, temporalLayers, height * 16 / 9, height, 30, isActive)
        {
            Rates = temporalLayers == 1 ? new TemporalRates(rate, rate, rate, rate) : new TemporalRates(rate / 2, rate * 3 / 4, rate, rate),
        };

    /// <summary>180p at 200, 360p at 700, 720p at 2500 kbit/s.</summary>
    public static QualityLadder Ladder(SourceTrack[] tracks, bool low = true, bool middle = true, bool high = true) =>
        QualityLadder.Of([Of(tracks[0], 180, 200_000, low), Of(tracks[1], 360, 700_000, middle), Of(tracks[2], 720, 2_500_000, high)]);
}
