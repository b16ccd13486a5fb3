using Broadcast.Media.Layers;
using Broadcast.Media.Receive;
using Broadcast.Media.Routing;
using Broadcast.Media.Sessions;
using Broadcast.Rtc;

namespace Broadcast.MediaNode.Sessions;

/// <summary>The rates of a published track, all its encodings together, over the last second.</summary>
internal sealed class TrackRates(IReadOnlyList<ReceiveTrack> encodings, Publication publication)
{
    private readonly EncodingRates[] _rates = [.. encodings.Select(encoding => new EncodingRates(encoding))];
    private int _form;

    private MediaKind Kind => encodings[0].Media.Kind;

    public void Sample(double seconds)
    {
        foreach (var rates in _rates) rates.Sample(seconds);
    }

    /// <summary>True once after sizes changed, or a quality began or ended.</summary>
    public bool TakeFormChanged()
    {
        var form = new HashCode();
        foreach (var encoding in encodings) form.Add((encoding.Width, encoding.Height));
        if (Kind == MediaKind.Video)
        {
            foreach (var rung in publication.Qualities.Rungs) form.Add((rung.Track.Rid, rung.SpatialId, rung.TemporalLayers, rung.Width, rung.Height, rung.IsActive));
        }

        var before = _form;
        _form = form.ToHashCode();
        return before != _form;
    }

    public TrackSnapshot Snapshot()
    {
        var best = Best();
        return new TrackSnapshot(
            Kind,
            encodings[0].Source.Codec,
            best.Encoding.Width,
            best.Encoding.Height,
            best.FramesPerSecond,
            best.BitsPerSecond,
            encodings.Sum(encoding => encoding.Packets),
            encodings.Sum(encoding => encoding.Lost),
            encodings.Sum(encoding => encoding.Repaired),
            encodings.Sum(encoding => encoding.Source.Keyframes.Asked),
            encodings.Sum(encoding => encoding.Keyframes))
        {
            Layers = Kind == MediaKind.Video ? Layers(publication.Qualities) : [],
        };
    }

    private static LayerSnapshot[] Layers(QualityLadder ladder)
    {
        if (!ladder.IsMeasured) return [];
        var layers = new LayerSnapshot[ladder.Rungs.Length];
        for (var i = 0; i < layers.Length; i++)
        {
            var rung = ladder.Rungs[i];
            layers[i] = new LayerSnapshot(
                rung.Track.Rid, rung.SpatialId, rung.TemporalLayers, rung.Width, rung.Height, Math.Round(rung.FramesPerSecond, 1), rung.BitsPerSecond, rung.IsActive);
        }

        return layers;
    }

    /// <summary>The encoding of the best quality that is sent; the only one where there is no choice.</summary>
    private EncodingRates Best()
    {
        if (_rates.Length == 1) return _rates[0];
        var rungs = publication.Qualities.Rungs;
        for (var i = rungs.Length - 1; i >= 0; i--)
        {
            if (!rungs[i].IsActive) continue;
            foreach (var rates in _rates)
            {
                if (ReferenceEquals(rates.Encoding.Source, rungs[i].Track)) return rates;
            }
        }

        return _rates[0];
    }

    private sealed class EncodingRates(ReceiveTrack encoding)
    {
        private long _bytes;
        private long _frames;

        public ReceiveTrack Encoding => encoding;

        public long BitsPerSecond { get; private set; }

        public double FramesPerSecond { get; private set; }

        public void Sample(double seconds)
        {
            if (seconds > 0)
            {
                BitsPerSecond = (long)((encoding.Bytes - _bytes) * 8 / seconds);
                FramesPerSecond = encoding.Media.Kind == MediaKind.Video ? Math.Round((encoding.Frames - _frames) / seconds, 1) : 0;
            }

            _bytes = encoding.Bytes;
            _frames = encoding.Frames;
        }
    }
}
