namespace Broadcast.Recording.Matroska;

/// <summary>Finds out how far a segment file is whole. Reads each byte at most once and believes none of them.</summary>
/// <remarks>What comes after the first thing that is torn or makes no sense is not looked at: the writer only ever adds at the end.</remarks>
internal sealed class SegmentScanner
{
    private const ulong MillisecondScale = 1_000_000;
    private const int MaximumHeaderLength = 4096;
    private const int MaximumChildren = 256;
    private const int MaximumSizes = 1 << 20;
    private const int BlockHeaderLength = 4;
    private const byte KeyframeFlag = 0x80;

    private readonly EbmlReader _reader;
    private readonly bool[] _isKnown = new bool[SegmentLayout.MaximumTracks];
    private readonly bool[] _isOpus = new bool[SegmentLayout.MaximumTracks];
    private readonly List<ClusterSize> _sizes = [];
    private readonly SegmentIndex _index = new();
    private int _videoTrack = -1;
    private SegmentPlaces _places;
    private bool _isScaleRight = true;
    private bool _hasDuration;
    private bool _hasCues;
    private bool _isTorn;
    private bool _hasClusters;
    private long _blocks;
    private long _wholeEnd;

    private SegmentScanner(Stream file) => _reader = new EbmlReader(file);

    /// <summary>Scans a file.</summary>
    /// <returns>Null when no whole block is in it.</returns>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static SegmentScan? Scan(Stream file) => new SegmentScanner(file).Scan();

    private SegmentScan? Scan()
    {
        // :: Step 1: EBML header and the Segment's own
        if (!_reader.TryReadElement(0, _reader.Length, out var header) || header is not { Id: EbmlId.Header, Size: >= 0 and <= MaximumHeaderLength }) return null;
        if (!_reader.TryReadElement(header.End, _reader.Length, out var segment) || segment.Id != EbmlId.Segment) return null;
        _places = new SegmentPlaces(segment.SizeAt, segment.SizeLength, segment.BodyAt, 0, 0, 0, HasRoomForSeekHead: true);
        var limit = segment.IsOfUnknownSize ? _reader.Length : Math.Min(segment.End, _reader.Length);

        // :: Step 2: what is in it
        var at = segment.BodyAt;
        while (!_isTorn && at < limit && _reader.TryReadElement(at, limit, out var element))
        {
            var next = ReadChild(element, limit);
            if (next <= at) break;
            at = next;
        }

        if (_blocks == 0) return null;
        var isComplete = !_isTorn && _sizes.Count == 0 && _hasCues && _hasDuration && at == _reader.Length && segment.End == _reader.Length;
        return new SegmentScan(isComplete, _wholeEnd, _places, _index, _sizes);
    }

    /// <returns>Where the next one begins; 0 where nothing can be read any more.</returns>
    private long ReadChild(in EbmlElement element, long limit)
    {
        if (element.Id == EbmlId.Cluster) return ReadCluster(element, limit);
        if (element.IsOfUnknownSize || element.End > limit) return 0;
        switch (element.Id)
        {
            case EbmlId.Info when !_hasClusters && _places.InfoAt == 0:
                _places = _places with { InfoAt = element.At };
                ReadInfo(element);
                break;
            case EbmlId.Tracks when !_hasClusters && _places.TracksAt == 0:
                _places = _places with { TracksAt = element.At };
                ReadTracks(element);
                break;
            case EbmlId.Cues:
                _hasCues = true;
                break;
            case EbmlId.SeekHead or EbmlId.Void or EbmlId.Crc32:
                break;
            case EbmlId.Tags or EbmlId.Chapters or EbmlId.Attachments:
                if (_places.InfoAt == 0 || _places.TracksAt == 0) _places = _places with { HasRoomForSeekHead = false };
                break;
            default:
                return 0;
        }

        return element.End;
    }

    private void ReadInfo(in EbmlElement info)
    {
        var at = info.BodyAt;
        for (var left = MaximumChildren; left > 0 && _reader.TryReadElement(at, info.End, out var child) && child is { Size: >= 0 } && child.End <= info.End; left--)
        {
            if (child.Id == EbmlId.TimestampScale) _isScaleRight = _reader.TryReadUnsigned(child, out var scale) && scale == MillisecondScale;
            if (child.Id == EbmlId.Duration) _hasDuration = _reader.TryReadFloat(child, out var duration) && double.IsFinite(duration);
            var isPlace = child.Id == EbmlId.Duration || (child.Id == EbmlId.Void && _places.DurationAt == 0);
            if (isPlace && child.End - child.At == SegmentLayout.DurationLength) _places = _places with { DurationAt = child.At };
            at = child.End;
        }
    }

    private void ReadTracks(in EbmlElement tracks)
    {
        var at = tracks.BodyAt;
        for (var left = MaximumChildren; left > 0 && _reader.TryReadElement(at, tracks.End, out var child) && child is { Size: >= 0 } && child.End <= tracks.End; left--)
        {
            if (child.Id == EbmlId.TrackEntry) ReadTrack(child);
            at = child.End;
        }
    }

    private void ReadTrack(in EbmlElement entry)
    {
        ulong number = 0, type = 0;
        var isOpus = false;
        Span<byte> codec = stackalloc byte[6];
        var at = entry.BodyAt;
        for (var left = MaximumChildren; left > 0 && _reader.TryReadElement(at, entry.End, out var child) && child is { Size: >= 0 } && child.End <= entry.End; left--)
        {
            switch (child.Id)
            {
                case EbmlId.TrackNumber: _reader.TryReadUnsigned(child, out number); break;
                case EbmlId.TrackType: _reader.TryReadUnsigned(child, out type); break;
                case EbmlId.CodecIdentifier:
                    isOpus = child.Size == codec.Length && _reader.Read(child.BodyAt, codec) == codec.Length && codec.SequenceEqual("A_OPUS"u8);
                    break;
            }

            at = child.End;
        }

        if (number is 0 or > SegmentLayout.MaximumTracks) return;
        _isKnown[number - 1] = true;
        _isOpus[number - 1] = isOpus;
        if (type == 1 && _videoTrack < 0) _videoTrack = (int)number - 1;
    }

    private long ReadCluster(in EbmlElement cluster, long limit)
    {
        if (_places.InfoAt == 0 || _places.TracksAt == 0 || !_isScaleRight || _sizes.Count == MaximumSizes) return 0;
        _hasClusters = true;
        var end = cluster.IsOfUnknownSize ? limit : Math.Min(cluster.End, limit);
        var state = new ClusterState(cluster.At);
        var at = cluster.BodyAt;
        var isOver = false;
        while (at < end)
        {
            if (!_reader.TryReadElement(at, end, out var child)) break;
            if (cluster.IsOfUnknownSize && IsTopLevel(child.Id))
            {
                isOver = true;
                break;
            }

            if (child.IsOfUnknownSize || child.End > end || !TryReadClusterChild(child, ref state)) break;
            at = child.End;
        }

        // A cluster of unknown size may end with the file: what is whole of it is all there is to know.
        _isTorn = !isOver && (at < end || (!cluster.IsOfUnknownSize && cluster.End > limit));
        if (_isTorn && state.Blocks == 0)
        {
            // Nothing in it is worth keeping.
            return cluster.At;
        }

        _blocks += state.Blocks;
        _wholeEnd = at;
        if (_isTorn || cluster.IsOfUnknownSize) AddSize(cluster, at);
        return at;
    }

    private void AddSize(in EbmlElement cluster, long end)
    {
        var size = end - cluster.BodyAt;
        if (size <= EbmlWriter.MaximumSize(cluster.SizeLength)) _sizes.Add(new ClusterSize(cluster.SizeAt, cluster.SizeLength, size));
    }

    private bool TryReadClusterChild(in EbmlElement child, ref ClusterState cluster)
    {
        switch (child.Id)
        {
            case EbmlId.Timestamp:
                if (cluster.HasTime || !_reader.TryReadUnsigned(child, out var time) || time > int.MaxValue * 1000ul) return false;
                cluster.HasTime = true;
                cluster.Time = (long)time;
                return true;
            case EbmlId.SimpleBlock:
                return cluster.HasTime && TryReadBlock(child, ref cluster);
            case EbmlId.BlockGroup:
                cluster.Blocks++;
                return cluster.HasTime;
            case EbmlId.Position or EbmlId.PreviousSize or EbmlId.Void or EbmlId.Crc32:
                return true;
            default:
                return false;
        }
    }

    private bool TryReadBlock(in EbmlElement block, ref ClusterState cluster)
    {
        Span<byte> bytes = stackalloc byte[BlockHeaderLength + 2];
        bytes = bytes[..(int)Math.Min(bytes.Length, block.Size)];
        if (bytes.Length < BlockHeaderLength || _reader.Read(block.BodyAt, bytes) < bytes.Length) return false;
        var track = (bytes[0] & 0x7F) - 1;
        if ((bytes[0] & 0x80) == 0 || track < 0 || track >= SegmentLayout.MaximumTracks || !_isKnown[track]) return false;

        var time = Math.Max(0, cluster.Time + (short)((bytes[1] << 8) | bytes[2]));
        _index.AddBlock(track, _isOpus[track], time, bytes[BlockHeaderLength..]);
        if (_videoTrack < 0 ? cluster.Blocks == 0 : track == _videoTrack && (bytes[3] & KeyframeFlag) != 0) _index.AddCue(time, track, cluster.At);
        cluster.Blocks++;
        return true;
    }

    private static bool IsTopLevel(uint id) =>
        id is EbmlId.Cluster or EbmlId.Cues or EbmlId.Tags or EbmlId.SeekHead or EbmlId.Info or EbmlId.Tracks or EbmlId.Chapters or EbmlId.Attachments;

    private record struct ClusterState(long At)
    {
        public bool HasTime { get; set; }

        public long Time { get; set; }

        public long Blocks { get; set; }
    }
}

/// <summary>What a scan found.</summary>
/// <param name="IsComplete">Nothing is to be done.</param>
/// <param name="WholeEnd">Where the last whole block ends.</param>
/// <param name="Places">In the file.</param>
/// <param name="Index">Of the blocks that are whole.</param>
/// <param name="Sizes">Of clusters that have none, or a wrong one.</param>
internal sealed record SegmentScan(bool IsComplete, long WholeEnd, SegmentPlaces Places, SegmentIndex Index, IReadOnlyList<ClusterSize> Sizes);

/// <summary>A size to be written into a cluster's header.</summary>
internal readonly record struct ClusterSize(long At, int Length, long Size);
