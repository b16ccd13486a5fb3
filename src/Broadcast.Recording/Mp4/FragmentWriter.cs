using Broadcast.Recording.Files;
using Broadcast.Recording.Frames;
using Broadcast.Recording.Matroska;
using Broadcast.Rtc;

namespace Broadcast.Recording.Mp4;

/// <summary>Writes MP4 in fragments (ISO/IEC 14496-12 §8.8). Owned by one thread.</summary>
/// <remarks>
/// A fragment is kept in memory until the next keyframe of the picture comes, <see cref="SegmentOptions.ClusterDuration"/> is over, or a
/// flush is asked for; it is then written at once. So the file always ends with a whole fragment, and whatever lies between two flushes is
/// whole fragments, as Media Source Extensions take them. Nothing in the file tells its end: a closed one is one that does not grow any more.
/// After an <see cref="IOException"/> nothing more can be written; what was flushed stays.
/// </remarks>
public sealed class FragmentWriter : ISegmentWriter
{
    private const int MaximumTracks = 8;
    private const int MaximumFragmentLength = 4 << 20;
    private const int MaximumFragmentSamples = 4096;
    private static readonly TimeSpan LongestFragment = TimeSpan.FromSeconds(30);

    private readonly SegmentOutput _output;
    private readonly PendingTrack[] _tracks;
    private readonly int[] _dataOffsetsAt;
    private readonly BoxWriter _fragment = new();
    private readonly TimeSpan _fragmentDuration;
    private readonly int _videoTrack;
    private int _pendingCount;
    private long _pendingLength;
    private uint _sequenceNumber;
    private int _nextTrack;
    private long _nextShown;

    private FragmentWriter(Stream output, IReadOnlyList<TrackFormat> tracks, SegmentOptions options)
    {
        _output = new SegmentOutput(output);
        _fragmentDuration = options.ClusterDuration;
        _tracks = [.. tracks.Select((format, i) => new PendingTrack(i + 1, format.Codec))];
        _dataOffsetsAt = new int[tracks.Count];
        _videoTrack = -1;
        for (var i = tracks.Count - 1; i >= 0; i--)
        {
            if (tracks[i].Codec.Kind() == MediaKind.Video) _videoTrack = i;
        }

        FragmentLayout.WriteHeader(_fragment, tracks, options);
        _output.Write(_fragment.Written);
        _output.Flush();
        FlushedBytes = _output.Written;
    }

    /// <inheritdoc/>
    public TimeSpan FlushedDuration { get; private set; }

    /// <summary>Bytes of the file, as flushed; at first those before the first fragment, then always the end of a fragment.</summary>
    public long FlushedBytes { get; private set; }

    /// <summary>Begins a file, which must not exist.</summary>
    /// <param name="path">Of it.</param>
    /// <param name="tracks">1 to 8 of H.264, H.265 and Opus.</param>
    /// <param name="options">How.</param>
    /// <exception cref="IOException">The disk is full or gone, or the file exists.</exception>
    public static FragmentWriter Create(string path, IReadOnlyList<TrackFormat> tracks, SegmentOptions options)
    {
        Validate(tracks, options);
        return SegmentOutput.Create(path, file => new FragmentWriter(file, tracks, options));
    }

    /// <summary>Begins a file in a stream that is empty; it is disposed together with the writer.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="tracks">1 to 8 of H.264, H.265 and Opus.</param>
    /// <param name="options">How.</param>
    /// <exception cref="IOException">The stream failed.</exception>
    public static FragmentWriter Create(Stream output, IReadOnlyList<TrackFormat> tracks, SegmentOptions options)
    {
        Validate(tracks, options);
        return new FragmentWriter(output, tracks, options);
    }

    /// <inheritdoc/>
    /// <remarks>
    /// Pictures that are shown in another order than they are decoded may have a lesser time than the one before, by less than a second;
    /// what is earlier than that gets the time of the one before.
    /// </remarks>
    public void Write(int track, TimeSpan time, bool isKeyframe, ReadOnlySpan<byte> data)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(track);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(track, _tracks.Length);
        _output.ThrowIfOver();

        var pending = _tracks[track];
        var shown = pending.TicksOf(time);
        if (_pendingCount > 0)
        {
            var isFull = _pendingLength + data.Length > MaximumFragmentLength || _pendingCount >= MaximumFragmentSamples;
            if ((track == _videoTrack && isKeyframe) || isFull || pending.IsLonger(shown, _fragmentDuration))
            {
                (_nextTrack, _nextShown) = (track, shown);
                WriteFragment();
            }
        }

        _pendingCount += pending.Add(shown, isKeyframe, data);
        _pendingLength += data.Length;
    }

    /// <inheritdoc/>
    public void Flush()
    {
        _output.ThrowIfOver();
        _nextTrack = -1;
        if (_pendingCount > 0) WriteFragment();
        _output.Flush();
        FlushedBytes = _output.Written;
        foreach (var track in _tracks)
        {
            if (track.End > FlushedDuration) FlushedDuration = track.End;
        }
    }

    /// <inheritdoc/>
    /// <remarks>Only flushes: the file was complete after each fragment.</remarks>
    public void Close()
    {
        if (_output.IsClosed) return;
        Flush();
        _output.Complete(_ => _output.Written);
        Dispose();
    }

    /// <summary>Closes the file as it was flushed last. Never throws for the disk's sake.</summary>
    public void Dispose()
    {
        _fragment.Dispose();
        foreach (var track in _tracks) track.Dispose();
        _output.Dispose();
    }

    private static void Validate(IReadOnlyList<TrackFormat> tracks, SegmentOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfZero(tracks.Count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(tracks.Count, MaximumTracks);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.ClusterDuration, TimeSpan.FromMilliseconds(1));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.ClusterDuration, LongestFragment);
        foreach (var track in tracks) FragmentLayout.Check(track);
    }

    private void WriteFragment()
    {
        PutTogether();
        _output.Write(_fragment.Written);
    }

    private void PutTogether()
    {
        // :: Step 1: what is in it
        _fragment.Clear();
        var description = _fragment.Begin("moof"u8);
        var header = _fragment.Begin("mfhd"u8, 0, 0);
        _fragment.Write32(++_sequenceNumber);
        _fragment.End(header);
        for (var i = 0; i < _tracks.Length; i++)
        {
            if (_tracks[i].Count > 0) _dataOffsetsAt[i] = _tracks[i].WriteFragment(_fragment, i == _nextTrack ? _nextShown : null);
        }

        _fragment.End(description);

        // :: Step 2: the samples, track by track
        var data = _fragment.Begin("mdat"u8);
        for (var i = 0; i < _tracks.Length; i++)
        {
            if (_tracks[i].Count == 0) continue;
            _fragment.Put32(_dataOffsetsAt[i], (uint)_fragment.Length);
            _fragment.Write(_tracks[i].Data);
            _tracks[i].Clear();
        }

        _fragment.End(data);
        _pendingCount = 0;
        _pendingLength = 0;
    }
}
