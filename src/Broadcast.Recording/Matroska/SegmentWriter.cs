using Broadcast.Recording.Files;
using Broadcast.Recording.Frames;
using Broadcast.Rtc;
using Broadcast.Vod.Recordings;

namespace Broadcast.Recording.Matroska;

/// <summary>Writes WebM and Matroska (RFC 9559). Owned by one thread.</summary>
/// <remarks>
/// A cluster is kept in memory until the next keyframe of the picture comes, <see cref="SegmentOptions.ClusterDuration"/> is over, or a
/// flush is asked for; it is then written at once, sorted and with its size. So the file always ends with a whole cluster, and whatever
/// lies between two flushes is whole clusters. After an <see cref="IOException"/> nothing more can be written;
/// what was flushed stays, and <see cref="SegmentRepair"/> can complete it.
/// </remarks>
public sealed class SegmentWriter : ISegmentWriter
{
    private const int MaximumClusterLength = 4 << 20;
    private const int MaximumClusterBlocks = 4096;
    private static readonly TimeSpan LongestCluster = TimeSpan.FromSeconds(30);

    private readonly SegmentOutput _output;
    private readonly SegmentPlaces _places;
    private readonly PendingCluster _pending;
    private readonly SegmentIndex _index = new();
    private readonly long[] _lastOrderTime;
    private readonly long _clusterMilliseconds;
    private readonly int _videoTrack;

    private SegmentWriter(Stream output, SegmentContainer container, IReadOnlyList<TrackFormat> tracks, SegmentOptions options)
    {
        _output = new SegmentOutput(output);
        _lastOrderTime = new long[tracks.Count];
        _clusterMilliseconds = (long)options.ClusterDuration.TotalMilliseconds;
        _videoTrack = -1;
        var isOpus = new bool[tracks.Count];
        for (var i = tracks.Count - 1; i >= 0; i--)
        {
            isOpus[i] = tracks[i].Codec == CodecKind.Opus;
            if (tracks[i].Codec.Kind() == MediaKind.Video) _videoTrack = i;
        }

        using var header = new EbmlWriter();
        _places = SegmentLayout.WriteHeader(header, container, tracks, options);
        _output.Write(header.Written);
        _output.Flush();
        FlushedBytes = _output.Written;
        _pending = new PendingCluster(isOpus);
    }

    /// <inheritdoc/>
    public TimeSpan FlushedDuration { get; private set; }

    /// <summary>Bytes of the file, as flushed; at first those before the first cluster, then always the end of a cluster.</summary>
    public long FlushedBytes { get; private set; }

    /// <summary>Begins a file, which must not exist.</summary>
    /// <param name="path">Of it.</param>
    /// <param name="container">WebM only for what it allows.</param>
    /// <param name="tracks">1 to 8.</param>
    /// <param name="options">How.</param>
    /// <exception cref="IOException">The disk is full or gone, or the file exists.</exception>
    public static SegmentWriter Create(string path, SegmentContainer container, IReadOnlyList<TrackFormat> tracks, SegmentOptions options)
    {
        Validate(container, tracks, options);
        return SegmentOutput.Create(path, file => new SegmentWriter(file, container, tracks, options));
    }

    /// <summary>Begins a file in a stream that can seek and is empty; it is disposed together with the writer.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="container">WebM only for what it allows.</param>
    /// <param name="tracks">1 to 8.</param>
    /// <param name="options">How.</param>
    /// <exception cref="IOException">The stream failed.</exception>
    public static SegmentWriter Create(Stream output, SegmentContainer container, IReadOnlyList<TrackFormat> tracks, SegmentOptions options)
    {
        Validate(container, tracks, options);
        return new SegmentWriter(output, container, tracks, options);
    }

    /// <inheritdoc/>
    /// <remarks>
    /// Pictures that are shown in another order than they are decoded may have a lesser time than the one before, by less than a second;
    /// what is earlier than that gets the time of the one before.
    /// </remarks>
    public void Write(int track, TimeSpan time, bool isKeyframe, ReadOnlySpan<byte> data)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(track);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(track, _lastOrderTime.Length);
        _output.ThrowIfOver();

        // :: Step 1: the time, in whole milliseconds
        var shown = Math.Max(0, (long)Math.Round(time.TotalMilliseconds));
        var order = Math.Max(shown, _lastOrderTime[track]);
        if (order - shown >= 1000) shown = order;
        _lastOrderTime[track] = order;

        // :: Step 2: whether a new cluster begins with it
        if (!_pending.IsEmpty)
        {
            var start = Math.Min(_pending.Start, shown);
            var end = Math.Max(_pending.End, shown);
            var isLate = shown < _pending.Start && end - start < LongestCluster.TotalMilliseconds;
            var isFull = _pending.Length + (long)data.Length > MaximumClusterLength || _pending.Count >= MaximumClusterBlocks;
            if ((track == _videoTrack && isKeyframe) || isFull || (end - start >= _clusterMilliseconds && !isLate)) WriteCluster();
        }

        _pending.Add(track, shown, order, isKeyframe, data);
    }

    /// <inheritdoc/>
    public void Flush()
    {
        _output.ThrowIfOver();
        if (!_pending.IsEmpty) WriteCluster();
        _output.Flush();
        FlushedBytes = _output.Written;
        FlushedDuration = _index.Duration;
    }

    /// <inheritdoc/>
    public void Close()
    {
        if (_output.IsClosed) return;
        Flush();
        _output.Complete(Complete);
        FlushedBytes = _output.Written;
        Dispose();
    }

    /// <summary>Closes the file as it was flushed last, unless <see cref="Close"/> completed it. Never throws for the disk's sake.</summary>
    public void Dispose()
    {
        _pending.Dispose();
        _output.Dispose();
    }

    private static void Validate(SegmentContainer container, IReadOnlyList<TrackFormat> tracks, SegmentOptions options)
    {
        if (container is not (SegmentContainer.WebM or SegmentContainer.Matroska)) throw new ArgumentException($"{container} is not Matroska.", nameof(container));
        ArgumentOutOfRangeException.ThrowIfZero(tracks.Count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(tracks.Count, SegmentLayout.MaximumTracks);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.ClusterDuration, TimeSpan.FromMilliseconds(1));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.ClusterDuration, LongestCluster);
        foreach (var track in tracks)
        {
            SegmentLayout.CodecIdentifierOf(track.Codec);
            if (container == SegmentContainer.WebM && track.Codec is CodecKind.H264 or CodecKind.H265)
            {
                throw new ArgumentException($"WebM does not allow {track.Codec}.", nameof(tracks));
            }
        }
    }

    private void WriteCluster() => _output.Write(_pending.Take(_output.Written, _videoTrack, _index));

    /// <summary>The Segment's size comes last: a file that has it is complete.</summary>
    private long Complete(Stream file)
    {
        using var buffer = new EbmlWriter();
        _index.WriteCues(buffer, _places.DataAt);
        var cuesAt = _output.Written;
        var end = cuesAt + buffer.Length;
        file.Write(buffer.Written);
        SegmentTail.Patch(file, buffer, _places, cuesAt, end, _index.Duration);
        return end;
    }
}
