using System.Runtime.InteropServices;
using Broadcast.Rtc;
using Broadcast.Rtc.Payloads;

namespace Broadcast.Recording.Mp4;

/// <summary>The samples of one track that are in no fragment yet. Owned by one thread.</summary>
/// <remarks>
/// <para>Frames come with the time at which they are shown. MP4 wants the time of decoding, from sample to sample, and the difference. A sample
/// is never decoded after it is shown: players shift a whole track for one that is. So a picture that others overtake is decoded just before
/// the first of them, and where pictures were seen to be overtaken, the last ones of a fragment are decoded early enough for those of the next.</para>
/// <para>The last sample of a fragment lasts as long as the shortest before it, where the next one is not known.</para>
/// <para>Where the next one then comes later, the time of decoding goes on without a hole all the same: Media Source Extensions take a distance
/// of more than two lengths for a jump, and drop all tracks up to their next keyframe. A picture is decoded early then, and
/// sound gets a packet without frames, which is silence.</para>
/// </remarks>
internal sealed class PendingTrack : IDisposable
{
    /// <summary>What comes out of order by more than this gets the time of the one before.</summary>
    private const int LongestReorderingSeconds = 1;

    /// <summary>Ticks of the picture's clock for pictures of the next fragment that have to be decoded before the first that is shown.</summary>
    private const long Room = 90;

    /// <summary>Of a picture that is alone in its fragment, as long as the distance to the one before.</summary>
    private const int LongestPictureSeconds = 5;

    private const int DefaultPicture = (int)FragmentLayout.VideoTimescale / 30;
    private const int DefaultSound = (int)FragmentLayout.AudioTimescale / 50;

    private readonly uint _number;
    private readonly bool _isVideo;
    private readonly uint _timescale;
    private readonly BoxWriter _data = new();
    private readonly List<Sample> _samples = [];
    private long _latest;
    private long _reordering;
    private long _lastDecoded = -1;
    private long _lastLength;
    private long _latestBefore = -1;
    private byte _silence;
    private bool _isReordered;

    /// <param name="number">From 1.</param>
    /// <param name="codec">Of it.</param>
    public PendingTrack(int number, CodecKind codec)
    {
        _number = (uint)number;
        _isVideo = codec.Kind() == MediaKind.Video;
        _timescale = FragmentLayout.TimescaleOf(codec);
        _lastLength = _isVideo ? DefaultPicture : DefaultSound;
    }

    public int Count => _samples.Count;

    /// <summary>The bytes of all samples, in order.</summary>
    public ReadOnlySpan<byte> Data => _data.Written;

    /// <summary>When the last picture or sound of all that was in a fragment ends.</summary>
    public TimeSpan End { get; private set; }

    public void Dispose() => _data.Dispose();

    /// <summary>A time of presentation in ticks of the track, such as <see cref="Add"/> wants it.</summary>
    public long TicksOf(TimeSpan time) => Math.Max(0, (long)Math.Round(time.TotalSeconds * _timescale));

    /// <summary>What is pending would be longer than that with a sample at this time.</summary>
    public bool IsLonger(long shown, TimeSpan than) => Count > 0 && shown - _samples[0].Shown >= (long)(than.TotalSeconds * _timescale);

    /// <summary>Takes the next frame.</summary>
    /// <returns>How many samples there are more.</returns>
    public int Add(long shown, bool isKeyframe, ReadOnlySpan<byte> data)
    {
        var count = Count;
        if (!_isVideo && count == 0 && _lastDecoded >= 0 && shown - _lastDecoded > 2 * _lastLength) Put(_lastDecoded + _lastLength, true, [_silence]);
        Put(shown, isKeyframe, data);
        return Count - count;
    }

    private void Put(long shown, bool isKeyframe, ReadOnlySpan<byte> data)
    {
        // :: Step 1: what is shown before a sample that is decoded earlier
        if (_latest - shown >= LongestReorderingSeconds * _timescale || !_isVideo) shown = Math.Max(shown, _latest);
        if (shown < _latest) _isReordered = true;
        _reordering = Math.Max(_reordering, _latest - shown);
        _latest = Math.Max(_latest, shown);

        // :: Step 2: how long it is likely to last
        if (!_isVideo && OpusPacket.TryDuration(data, out var units) == DropReason.None)
        {
            _lastLength = units;
            _silence = (byte)(data[0] & 0xFC); // one frame of no bytes
        }

        data.CopyTo(_data.Append(data.Length));
        _samples.Add(new Sample(shown, 0, data.Length, isKeyframe));
    }

    /// <summary>Writes what a fragment says of the samples.</summary>
    /// <param name="to">In the fragment's description.</param>
    /// <param name="next">When the track's next sample is shown; null when that is not known.</param>
    /// <returns>Where the position of <see cref="Data"/> has to be written.</returns>
    public int WriteFragment(BoxWriter to, long? next)
    {
        var samples = CollectionsMarshal.AsSpan(_samples);
        PutInOrder(samples);
        var lastLength = LengthOfLast(samples, next);
        var isOffset = false;
        foreach (var sample in samples) isOffset |= sample.Shown != sample.Decoded;

        var track = to.Begin("traf"u8);
        var header = to.Begin("tfhd"u8, 0, TrackFragment.BaseIsFragment);
        to.Write32(_number);
        to.End(header);
        var time = to.Begin("tfdt"u8, 1, 0);
        to.Write64((ulong)samples[0].Decoded);
        to.End(time);
        if (!_isVideo) WriteRollGroup(to, samples.Length);

        var flags = TrackFragment.HasDataOffset | TrackFragment.HasDurations | TrackFragment.HasSizes;
        if (_isVideo) flags |= TrackFragment.HasFlags;
        if (isOffset) flags |= TrackFragment.HasOffsets;
        var run = to.Begin("trun"u8, 0, flags);
        to.Write32((uint)samples.Length);
        var dataOffsetAt = to.Length;
        to.Write32(0);
        long end = 0;
        for (var i = 0; i < samples.Length; i++)
        {
            ref readonly var sample = ref samples[i];
            var length = i + 1 < samples.Length ? samples[i + 1].Decoded - sample.Decoded : lastLength;
            end = Math.Max(end, sample.Shown + length);
            to.Write32((uint)Math.Min(length, uint.MaxValue));
            to.Write32((uint)sample.Length);
            if (_isVideo) to.Write32(SampleFlags.Of(sample.IsKeyframe));
            if (isOffset) to.Write32((uint)Math.Min(sample.Shown - sample.Decoded, int.MaxValue));
        }

        to.End(run);
        to.End(track);
        var ending = TimeSpan.FromSeconds(end / (double)_timescale);
        if (ending > End) End = ending;
        return dataOffsetAt;
    }

    /// <summary>They are in a fragment.</summary>
    public void Clear()
    {
        _samples.Clear();
        _data.Clear();
    }

    private static void WriteRollGroup(BoxWriter to, int samples)
    {
        var group = to.Begin("sbgp"u8, 0, 0);
        to.Write("roll"u8);
        to.Write32(1);
        to.Write32((uint)samples);
        to.Write32(1);
        to.End(group);
    }

    private void PutInOrder(Span<Sample> samples)
    {
        // :: Step 1: from the end, before whatever is shown earlier
        var before = _isReordered ? _latest - _reordering - Room : long.MaxValue;
        for (var i = samples.Length - 1; i >= 0; i--)
        {
            samples[i].Decoded = Math.Min(samples[i].Shown, before);
            before = samples[i].Decoded - 1;
        }

        // :: Step 2: from the beginning, after what is in fragments already, and without a hole
        if (_isVideo && _lastDecoded >= 0) samples[0].Decoded = Math.Min(samples[0].Decoded, _lastDecoded + _lastLength);
        foreach (ref var sample in samples)
        {
            sample.Decoded = _lastDecoded = Math.Max(sample.Decoded, _lastDecoded + 1);
            sample.Shown = Math.Max(sample.Shown, sample.Decoded);
        }
    }

    private long LengthOfLast(ReadOnlySpan<Sample> samples, long? next)
    {
        if (_isVideo && samples.Length > 1)
        {
            long shortest = _timescale;
            for (var i = 1; i < samples.Length; i++)
            {
                var apart = Math.Abs(samples[i].Shown - samples[i - 1].Shown);
                if (apart > 0) shortest = Math.Min(shortest, apart);
            }

            _lastLength = shortest;
        }
        else if (_isVideo && _latestBefore >= 0 && samples[0].Shown > _latestBefore)
        {
            _lastLength = Math.Min(samples[0].Shown - _latestBefore, LongestPictureSeconds * _timescale);
        }

        _latestBefore = _latest;

        var distance = next - samples[^1].Decoded;
        return _lastLength = !_isReordered && distance > 0 && distance <= _timescale ? distance.Value : _lastLength;
    }

    /// <param name="shown">In ticks.</param>
    /// <param name="decoded">In ticks; set when the fragment is written.</param>
    /// <param name="length">In bytes.</param>
    /// <param name="isKeyframe">A decoder can begin here.</param>
    private struct Sample(long shown, long decoded, int length, bool isKeyframe)
    {
        public long Shown = shown;
        public long Decoded = decoded;
        public readonly int Length = length;
        public readonly bool IsKeyframe = isKeyframe;
    }
}

/// <summary>Flags of tfhd and trun (ISO/IEC 14496-12 §8.8.7, §8.8.8).</summary>
internal static class TrackFragment
{
    public const uint BaseIsFragment = 0x02_0000;
    public const uint HasDefaultDescription = 0x02;
    public const uint HasBaseOffset = 0x01;
    public const uint HasDefaultDuration = 0x08;
    public const uint HasDefaultSize = 0x10;
    public const uint HasDataOffset = 0x001;
    public const uint HasFirstFlags = 0x004;
    public const uint HasDurations = 0x100;
    public const uint HasSizes = 0x200;
    public const uint HasFlags = 0x400;
    public const uint HasOffsets = 0x800;
}
