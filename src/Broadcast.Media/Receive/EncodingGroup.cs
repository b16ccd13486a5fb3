using Broadcast.Media.Layers;
using Broadcast.Media.Routing;
using Broadcast.Rtc;
using Broadcast.Rtc.HeaderExtensions;

namespace Broadcast.Media.Receive;

/// <summary>The encodings of one picture: puts them on one time line, notices which are sent, and publishes the ladder of qualities.</summary>
/// <remarks>Owned by the publisher's worker; not thread-safe.</remarks>
internal sealed class EncodingGroup(ReceiveTrack[] encodings, Publication publication)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>Before a whole interval has been measured sizes and activity are told, and rates as far as they are known.</summary>
    private static readonly TimeSpan EarlyInterval = TimeSpan.FromMilliseconds(250);

    /// <summary>Samples in which a keyframe to begin with is wished for.</summary>
    private const int MaxWishes = 20;

    private readonly EncodingTimeline _timeline = new(encodings);
    private readonly HeldUpEncodings _heldUp = new(encodings);
    private readonly int[] _wishes = new int[encodings.Length];
    private readonly bool[] _allocated = new bool[encodings.Length];
    private readonly Quality[] _measured = new Quality[encodings.Length * 4];
    private readonly Quality[] _usable = new Quality[encodings.Length * 4];
    private int _count;
    private bool _hasAllocation;
    private MonotonicTime _sampledAt;
    private MonotonicTime _startedAt;
    private bool _started;

    /// <summary>Notes that an encoding's first packet came.</summary>
    public void OnFirstPacket(ReceiveTrack encoding, uint timestamp, MonotonicTime arrival) => _timeline.OnFirstPacket(encoding, timestamp, arrival);

    /// <summary>Notes a sender report of an encoding.</summary>
    public void OnSenderReport(ReceiveTrack encoding) => _timeline.OnSenderReport(encoding);

    /// <summary>Notes what the publisher says it sends; the index of a stream is its place among the negotiated RIDs.</summary>
    public void OnAllocation(ReceiveTrack encoding, ReadOnlySpan<byte> value)
    {
        Span<VideoLayer> layers = stackalloc VideoLayer[VideoLayersAllocation.MaximumLayers];
        if (VideoLayersAllocation.TryParse(value, layers, out var allocation) != DropReason.None) return;
        if (allocation.IsEmpty)
        {
            _allocated[Array.IndexOf(encodings, encoding)] = false;
            return;
        }

        // One who counts otherwise than by RID is not believed.
        if (allocation.StreamCount != encodings.Length) return;
        _hasAllocation = true;
        Array.Clear(_allocated);
        foreach (var layer in layers[..allocation.LayerCount]) _allocated[layer.StreamIndex] = true;
    }

    /// <summary>Measures once a second, at first more often, and publishes the ladder when it changed, or an encoding is held up.</summary>
    /// <returns>When it wants to be called next.</returns>
    public MonotonicTime Sample(MonotonicTime now)
    {
        if (!_started)
        {
            (_started, _startedAt, _sampledAt) = (true, now, now);
            return now + EarlyInterval;
        }

        var interval = now - _startedAt < Interval * 3 ? EarlyInterval : Interval;
        var isDue = now - _sampledAt >= interval;
        if (isDue) Measure(now);
        if (_heldUp.Look(now) || isDue) Publish();
        return encodings.Length == 1 ? _sampledAt + interval : MonotonicTime.Min(_sampledAt + interval, now + HeldUpEncodings.Interval);
    }

    private void Measure(MonotonicTime now)
    {
        var seconds = (now - _sampledAt).TotalSeconds;
        (_sampledAt, _count) = (now, 0);
        for (var i = 0; i < encodings.Length; i++) Measure(encodings[i], !_hasAllocation || _allocated[i], seconds, now);
        QualityLadder.Sort(_measured.AsSpan(0, _count));
    }

    private void Publish()
    {
        for (var i = 0; i < _count; i++)
        {
            var quality = _measured[i];
            _usable[i] = quality with { IsActive = quality.IsActive && !_heldUp[EncodingOf(quality)] };
        }

        var usable = _usable.AsSpan(0, _count);
        if (_count > 0 && !publication.Qualities.IsLike(usable)) publication.Qualities = QualityLadder.Of(usable);
    }

    private int EncodingOf(in Quality quality)
    {
        for (var i = 0; i < encodings.Length; i++)
        {
            if (ReferenceEquals(encodings[i].Source, quality.Track)) return i;
        }

        return 0;
    }

    /// <summary>
    /// Where the first packets of an encoding were lost no hole shows it, and without its keyframe or parameter sets nobody could
    /// begin with it, nor tell its size. One that has none to give is not asked for ever.
    /// </summary>
    private void WantBeginning(ReceiveTrack encoding)
    {
        var source = encoding.Source;
        if (source.KeyframePosition >= 0 && source.ParameterSets is not { Sets.IsEmpty: true }) return;
        if (_wishes[Array.IndexOf(encodings, encoding)]++ < MaxWishes) source.Keyframes.Want();
    }

    private void Measure(ReceiveTrack encoding, bool isAllocated, double seconds, MonotonicTime now)
    {
        if (encoding.Layers is not { } layers) return;
        if (!encoding.HasMedia)
        {
            // Negotiated and not begun: the upper encodings of a browser take seconds.
            if (encodings.Length > 1) _measured[_count++] = new Quality(encoding.Source, 0, 1, 0, 0, 0, IsActive: false);
            return;
        }

        if (layers.IsAlive(0, now)) WantBeginning(encoding);
        var framesPerSecond = encoding.TakeFrames() / seconds;
        for (var spatial = 0; spatial < layers.SpatialLayers; spatial++)
        {
            var size = layers.SizeOf(spatial);
            var (width, height) = size.IsKnown ? (size.Width, size.Height) : (encoding.Width, encoding.Height);
            _measured[_count++] = new Quality(
                encoding.Source, spatial, layers.TemporalLayers, width, height, framesPerSecond, isAllocated && layers.IsAlive(spatial, now))
            {
                Rates = layers.RatesOf(spatial, seconds),
            };
        }

        layers.EndInterval();
    }
}
