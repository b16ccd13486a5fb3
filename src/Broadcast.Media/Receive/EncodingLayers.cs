using Broadcast.Media.Layers;
using Broadcast.Media.Routing;
using Broadcast.Rtc;
using Broadcast.Rtc.HeaderExtensions;
using Broadcast.Rtc.Payloads;

namespace Broadcast.Media.Receive;

/// <summary>The spatial and temporal layers of one received encoding: what each packet belongs to, and what each layer costs.</summary>
/// <remarks>Owned by the publisher's worker; not thread-safe; allocates nothing per packet.</remarks>
internal sealed class EncodingLayers(CodecKind codec)
{
    /// <summary>A layer without a packet for this long is not sent any more; screen shares send rarely.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromSeconds(2);

    /// <summary>The same for screen shares.</summary>
    public static readonly TimeSpan ScreenSilence = TimeSpan.FromSeconds(5);

    /// <summary>Kinds of frames told apart: more than any scalability mode has.</summary>
    private const int MaxKinds = 16;

    private const ushort AllTargets = 0xFFFF;

    private readonly LayerReader _reader = new(codec);
    private readonly ushort[] _targets = new ushort[MaxKinds];
    private readonly long[] _bytes = new long[MaxKinds];
    private readonly long[] _bytesBefore = new long[MaxKinds];
    private readonly MonotonicTime[] _lastAt = new MonotonicTime[4];
    private int _kinds;
    private bool _isScreen;

    /// <summary>True when it is a screen, of which there are pictures only when something changes.</summary>
    public bool IsScreen => _isScreen;

    /// <summary>Spatial layers seen, 1 to 4.</summary>
    public int SpatialLayers => Math.Max(1, _reader.SpatialLayerCount);

    /// <summary>Temporal layers seen, 1 to 4.</summary>
    public int TemporalLayers => Math.Max(1, _reader.TemporalLayerCount);

    /// <summary>Reads a packet's place and counts it.</summary>
    public LayerMarks Note(ReadOnlySpan<byte> payload, in HeaderExtensionValues values, bool startsKeyframe, MonotonicTime arrival)
    {
        var marks = _reader.Read(payload, values.DependencyDescriptor, startsKeyframe);
        if (marks.IsLayered) marks = marks with { Targets = Widen(marks.Targets), Switches = Widen(marks.Switches) };
        if (values.HasVideoContentType) _isScreen = (values.VideoContentType & 1) != 0;
        _lastAt[marks.SpatialId] = arrival;
        Count(marks.IsLayered ? marks.Targets : AllTargets, payload.Length);
        return marks;
    }

    /// <summary>Pixels of a spatial layer; unknown where the stream does not say.</summary>
    public FrameSize SizeOf(int spatialId) => _reader.SizeOf(spatialId);

    /// <summary>True while a spatial layer is being sent.</summary>
    public bool IsAlive(int spatialId, MonotonicTime now) =>
        _lastAt[spatialId] != MonotonicTime.Zero && (_reader.ActiveTargets & LayerMarks.Bit(spatialId, 0)) != 0 && now - _lastAt[spatialId] < (_isScreen ? ScreenSilence : Silence);

    /// <summary>Bits per second of a spatial layer since the last <see cref="EndInterval"/>.</summary>
    public TemporalRates RatesOf(int spatialId, double seconds) =>
        new(RateOf(spatialId, 0, seconds), RateOf(spatialId, 1, seconds), RateOf(spatialId, 2, seconds), RateOf(spatialId, 3, seconds));

    /// <summary>Begins another interval of measurement.</summary>
    public void EndInterval() => _bytes.CopyTo(_bytesBefore, 0);

    /// <summary>Who wants more layers than there are wants the highest there is.</summary>
    private ushort Widen(int targets)
    {
        for (var temporal = TemporalLayers; temporal < 4; temporal++) targets |= (targets & (0x1111 << (temporal - 1))) << 1;
        for (var spatial = SpatialLayers; spatial < 4; spatial++) targets |= (targets & (0xF << ((spatial - 1) * 4))) << 4;
        return (ushort)targets;
    }

    private long RateOf(int spatialId, int temporalId, double seconds)
    {
        var bit = LayerMarks.Bit(spatialId, temporalId);
        long bytes = 0;
        for (var i = 0; i < _kinds; i++)
        {
            if ((_targets[i] & bit) != 0) bytes += _bytes[i] - _bytesBefore[i];
        }

        return (long)(bytes * 8 / seconds);
    }

    private void Count(ushort targets, int bytes)
    {
        for (var i = 0; i < _kinds; i++)
        {
            if (_targets[i] != targets) continue;
            _bytes[i] += bytes;
            return;
        }

        // What has more kinds of frames than any real stream is counted under the last.
        if (_kinds < MaxKinds) _targets[_kinds++] = targets;
        _bytes[_kinds - 1] += bytes;
    }
}
