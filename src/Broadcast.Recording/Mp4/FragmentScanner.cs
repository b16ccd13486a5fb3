using System.Buffers.Binary;

namespace Broadcast.Recording.Mp4;

/// <summary>What is whole in a file of fragments.</summary>
/// <param name="WholeEnd">Where the last whole fragment ends.</param>
/// <param name="Duration">Up to the end of its last sample.</param>
internal sealed record FragmentScan(long WholeEnd, TimeSpan Duration);

/// <summary>Finds the whole fragments of a file. Whatever does not look as it should ends what is whole; only the disk throws.</summary>
internal sealed class FragmentScanner
{
    /// <summary>Size, type and the large size.</summary>
    private const int LongestHeader = 16;

    /// <summary>Of moov or moof: no description is larger than that.</summary>
    private const int MaximumDescription = 16 << 20;

    private const int MaximumTracks = 64;
    private const int MaximumRunSamples = 1 << 20;
    private const long MaximumTicks = 1L << 50;
    private const long MaximumSeconds = 1_000_000_000;

    private readonly Stream _file;
    private readonly Dictionary<uint, Track> _tracks = [];
    private readonly Dictionary<uint, long> _ends = [];
    private readonly byte[] _header = new byte[LongestHeader];
    private bool _isFragmented;
    private bool _isDescribed;
    private long _dataBegin;
    private long _dataEnd;
    private double _duration;

    private FragmentScanner(Stream file) => _file = file;

    /// <summary>True for the first bytes of an MP4 file.</summary>
    public static bool IsMp4(Stream file)
    {
        Span<byte> head = stackalloc byte[BoxReader.HeaderLength];
        file.Position = 0;
        return file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) == head.Length && head[4..].SequenceEqual("ftyp"u8);
    }

    /// <summary>Scans from the beginning.</summary>
    /// <param name="file">Can seek.</param>
    /// <returns>Null when there is no whole fragment.</returns>
    public static FragmentScan? Scan(Stream file) => new FragmentScanner(file).Scan();

    private FragmentScan? Scan()
    {
        long whole = 0;
        for (long at = 0; TryReadHeader(at, out var bodyAt, out var end); at = end)
        {
            var type = _header.AsSpan(4, 4);
            if (type.SequenceEqual("moov"u8))
            {
                if (_isFragmented || !TryReadMovie(bodyAt, end)) break;
            }
            else if (type.SequenceEqual("moof"u8))
            {
                if (!_isFragmented || _isDescribed || !TryReadFragment(at, bodyAt, end)) break;
            }
            else if (type.SequenceEqual("mdat"u8))
            {
                if (!_isDescribed || _dataBegin < bodyAt || _dataEnd > end) break;
                Keep();
                whole = end;
            }
            else if (!IsHarmless(type))
            {
                break;
            }
            else if (whole > 0 && !_isDescribed)
            {
                whole = end;
            }
        }

        return whole == 0 ? null : new FragmentScan(whole, TimeSpan.FromSeconds(_duration));
    }

    private static bool IsHarmless(ReadOnlySpan<byte> type) =>
        type.SequenceEqual("ftyp"u8) || type.SequenceEqual("styp"u8) || type.SequenceEqual("sidx"u8) || type.SequenceEqual("free"u8)
        || type.SequenceEqual("skip"u8) || type.SequenceEqual("emsg"u8) || type.SequenceEqual("prft"u8) || type.SequenceEqual("mfra"u8);

    /// <returns>False at the end of the file, and for a box that does not end in it.</returns>
    private bool TryReadHeader(long at, out long bodyAt, out long end)
    {
        (bodyAt, end) = (at + BoxReader.HeaderLength, 0);
        _file.Position = at;
        var read = _file.ReadAtLeast(_header, LongestHeader, throwOnEndOfStream: false);
        if (read < BoxReader.HeaderLength) return false;
        ulong size = BinaryPrimitives.ReadUInt32BigEndian(_header);
        if (size == 1)
        {
            if (read < LongestHeader) return false;
            size = BinaryPrimitives.ReadUInt64BigEndian(_header.AsSpan(BoxReader.HeaderLength));
            bodyAt = at + LongestHeader;
        }

        if (size > (ulong)(_file.Length - at) || at + (long)size < bodyAt) return false;
        end = at + (long)size;
        return true;
    }

    private bool TryReadBody(long bodyAt, long end, out ReadOnlySpan<byte> body)
    {
        body = default;
        if (end - bodyAt > MaximumDescription) return false;
        var bytes = new byte[end - bodyAt];
        _file.Position = bodyAt;
        if (_file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length) return false;
        body = bytes;
        return true;
    }

    private bool TryReadMovie(long bodyAt, long end)
    {
        if (!TryReadBody(bodyAt, end, out var movie) || !BoxReader.TryFind(movie, "mvex"u8, out var fragments)) return false;
        var boxes = new BoxReader(movie);
        while (boxes.TryRead())
        {
            if (boxes.Type.SequenceEqual("trak"u8) && !TryReadTrack(boxes.Body)) return false;
        }

        boxes = new BoxReader(fragments);
        while (boxes.TryRead())
        {
            if (!boxes.Type.SequenceEqual("trex"u8) || boxes.Body.Length < 24) continue;
            var number = Number(boxes.Body, 4);
            if (_tracks.TryGetValue(number, out var track)) _tracks[number] = track with { Duration = Number(boxes.Body, 12), Size = Number(boxes.Body, 16) };
        }

        _isFragmented = true;
        return true;
    }

    private bool TryReadTrack(ReadOnlySpan<byte> track)
    {
        if (!BoxReader.TryFind(track, "tkhd"u8, out var header) || !BoxReader.TryFind(track, "mdia"u8, out var media)
            || !BoxReader.TryFind(media, "mdhd"u8, out var mediaHeader) || header.Length < 24 || mediaHeader.Length < 24)
        {
            return false;
        }

        var number = Number(header, header[0] == 1 ? 20 : 12);
        var timescale = Number(mediaHeader, mediaHeader[0] == 1 ? 20 : 12);
        return timescale > 0 && _tracks.Count < MaximumTracks && _tracks.TryAdd(number, new Track(timescale, 0, 0));
    }

    private bool TryReadFragment(long at, long bodyAt, long end)
    {
        if (!TryReadBody(bodyAt, end, out var fragment)) return false;
        (_dataBegin, _dataEnd) = (long.MaxValue, 0);
        _ends.Clear();
        var boxes = new BoxReader(fragment);
        while (boxes.TryRead())
        {
            if (boxes.Type.SequenceEqual("traf"u8) && !TryReadTrackFragment(at, boxes.Body)) return false;
        }

        _isDescribed = _ends.Count > 0;
        return _isDescribed;
    }

    private bool TryReadTrackFragment(long fragmentAt, ReadOnlySpan<byte> body)
    {
        // :: Step 1: which track, and what holds for all its samples
        if (!BoxReader.TryFind(body, "tfhd"u8, out var header) || header.Length < 8
            || !BoxReader.TryFind(body, "tfdt"u8, out var time) || time.Length < (time[0] == 1 ? 12 : 8))
        {
            return false;
        }

        var flags = Number(header, 0) & 0xFF_FFFF;
        if ((flags & TrackFragment.BaseIsFragment) == 0 || (flags & TrackFragment.HasBaseOffset) != 0) return false;
        if (!_tracks.TryGetValue(Number(header, 4), out var track)) return false;
        var field = 8 + ((flags & TrackFragment.HasDefaultDescription) != 0 ? 4 : 0);
        if ((flags & TrackFragment.HasDefaultDuration) != 0)
        {
            if (header.Length < field + 4) return false;
            track = track with { Duration = Number(header, field) };
            field += 4;
        }

        if ((flags & TrackFragment.HasDefaultSize) != 0)
        {
            if (header.Length < field + 4) return false;
            track = track with { Size = Number(header, field) };
        }

        // :: Step 2: its samples
        var clock = time[0] == 1 ? BinaryPrimitives.ReadUInt64BigEndian(time[4..]) : Number(time, 4);
        if (clock > MaximumTicks) return false;
        var state = new Run((long)clock, fragmentAt, 0);
        var boxes = new BoxReader(body);
        while (boxes.TryRead())
        {
            if (boxes.Type.SequenceEqual("trun"u8) && !TryReadRun(boxes.Body, fragmentAt, track, ref state)) return false;
        }

        if (state.End / track.Timescale > MaximumSeconds) return false;
        var number = Number(header, 4);
        _ends[number] = Math.Max(state.End, _ends.GetValueOrDefault(number));
        return true;
    }

    private bool TryReadRun(ReadOnlySpan<byte> run, long fragmentAt, in Track track, ref Run state)
    {
        if (run.Length < 8) return false;
        var version = run[0];
        var flags = Number(run, 0) & 0xFF_FFFF;
        var count = Number(run, 4);
        var at = 8;
        if (count > MaximumRunSamples) return false;
        if ((flags & TrackFragment.HasDataOffset) != 0)
        {
            if (run.Length < at + 4) return false;
            state.DataAt = fragmentAt + (int)Number(run, at);
            at += 4;
        }

        if ((flags & TrackFragment.HasFirstFlags) != 0) at += 4;
        var fields = 0;
        for (var flag = TrackFragment.HasDurations; flag <= TrackFragment.HasOffsets; flag <<= 1) fields += (flags & flag) != 0 ? 4 : 0;
        if (run.Length < at + (fields * (long)count)) return false;

        _dataBegin = Math.Min(_dataBegin, state.DataAt);
        if (fields == 0)
        {
            // All alike: a few bytes may stand for very many.
            state.Clock += (long)count * track.Duration;
            state.End = Math.Max(state.End, state.Clock);
            state.DataAt += (long)count * track.Size;
            if (state.Clock > MaximumTicks || state.DataAt > _file.Length) return false;
        }

        for (uint i = 0; fields > 0 && i < count; i++)
        {
            var duration = (flags & TrackFragment.HasDurations) != 0 ? Take(run, ref at) : track.Duration;
            var size = (flags & TrackFragment.HasSizes) != 0 ? Take(run, ref at) : track.Size;
            if ((flags & TrackFragment.HasFlags) != 0) at += 4;
            long offset = 0;
            if ((flags & TrackFragment.HasOffsets) != 0) offset = version == 0 ? Take(run, ref at) : (int)Take(run, ref at);
            state.End = Math.Max(state.End, state.Clock + offset + duration);
            state.Clock += duration;
            state.DataAt += size;
            if (state.Clock > MaximumTicks || state.DataAt > _file.Length) return false;
        }

        _dataEnd = Math.Max(_dataEnd, state.DataAt);
        return true;
    }

    /// <summary>The fragment is whole: its samples count.</summary>
    private void Keep()
    {
        foreach (var (number, end) in _ends) _duration = Math.Max(_duration, end / (double)_tracks[number].Timescale);
        _isDescribed = false;
    }

    private static uint Take(ReadOnlySpan<byte> from, ref int at)
    {
        at += 4;
        return Number(from, at - 4);
    }

    private static uint Number(ReadOnlySpan<byte> from, int at) => BinaryPrimitives.ReadUInt32BigEndian(from[at..]);

    /// <param name="Timescale">Ticks a second.</param>
    /// <param name="Duration">Of a sample that does not tell it.</param>
    /// <param name="Size">Of a sample that does not tell it.</param>
    private readonly record struct Track(uint Timescale, uint Duration, uint Size);

    /// <param name="clock">When the next sample is decoded.</param>
    /// <param name="dataAt">Where it lies.</param>
    /// <param name="end">When all before it have been shown.</param>
    private struct Run(long clock, long dataAt, long end)
    {
        public long Clock = clock;
        public long DataAt = dataAt;
        public long End = end;
    }
}
