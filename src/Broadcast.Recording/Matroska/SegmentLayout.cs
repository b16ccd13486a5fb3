using Broadcast.Recording.Frames;
using Broadcast.Rtc;
using Broadcast.Vod.Recordings;

namespace Broadcast.Recording.Matroska;

/// <summary>The fixed beginning of a segment file, and what is written into it and behind the clusters at the end.</summary>
/// <remarks>
/// <code>
/// EBML header
/// Segment, 8 bytes of size          all ones while the file is open
///   Void, then SeekHead and Void    the room between the Segment's data and Info
///   Info with Void, then Duration   11 bytes each
///   Tracks
///   Cluster …
///   Cues                            once it is complete
/// </code>
/// </remarks>
internal static class SegmentLayout
{
    public const int MaximumTracks = 8;

    /// <summary>Bytes of the Segment's size field.</summary>
    public const int SegmentSizeLength = 8;

    /// <summary>Bytes of a Duration element, and of the Void in its place.</summary>
    public const int DurationLength = 11;

    /// <summary>Room for a SeekHead of three entries.</summary>
    private const int SeekHeadRoom = 128;

    private const long NanosecondsPerMillisecond = 1_000_000;
    private const ulong OpusSeekPreRoll = 80_000_000;
    private const int OpusPreSkipOffset = 10;
    private const double OpusFrequency = 48_000;

    private static readonly DateTimeOffset Epoch = new(2001, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static string CodecIdentifierOf(CodecKind codec) => codec switch
    {
        CodecKind.Vp8 => "V_VP8",
        CodecKind.Vp9 => "V_VP9",
        CodecKind.Av1 => "V_AV1",
        CodecKind.H264 => "V_MPEG4/ISO/AVC",
        CodecKind.H265 => "V_MPEGH/ISO/HEVC",
        CodecKind.Opus => "A_OPUS",
        _ => throw new ArgumentException($"{codec} is not written to files.", nameof(codec)),
    };

    /// <summary>Writes all before the first cluster.</summary>
    public static SegmentPlaces WriteHeader(EbmlWriter to, SegmentContainer container, IReadOnlyList<TrackFormat> tracks, SegmentOptions options)
    {
        // :: Step 1: EBML header
        var header = to.BeginMaster(EbmlId.Header);
        to.WriteUnsigned(EbmlId.Version, 1);
        to.WriteUnsigned(EbmlId.ReadVersion, 1);
        to.WriteUnsigned(EbmlId.MaximumIdLength, 4);
        to.WriteUnsigned(EbmlId.MaximumSizeLength, 8);
        to.WriteText(EbmlId.DocType, container == SegmentContainer.WebM ? "webm" : "matroska");
        to.WriteUnsigned(EbmlId.DocTypeVersion, 4);
        to.WriteUnsigned(EbmlId.DocTypeReadVersion, 2);
        to.EndMaster(header);

        // :: Step 2: the Segment and the room for its table of contents
        to.WriteId(EbmlId.Segment);
        var sizeAt = to.Length;
        var size = to.Append(SegmentSizeLength);
        size.Fill(0xFF);
        size[0] = 0x01;
        var dataAt = to.Length;
        to.WriteVoid(SeekHeadRoom);

        // :: Step 3: Info
        var infoAt = to.Length;
        var info = to.BeginMaster(EbmlId.Info);
        to.WriteUnsigned(EbmlId.TimestampScale, NanosecondsPerMillisecond);
        to.WriteText(EbmlId.MuxingApp, "Broadcast");
        to.WriteText(EbmlId.WritingApp, "Broadcast");
        if (options.Date is { } date) to.WriteSigned8(EbmlId.DateUtc, (date - Epoch).Ticks * TimeSpan.NanosecondsPerTick);
        var durationAt = to.Length;
        to.WriteVoid(DurationLength);
        to.EndMaster(info);

        // :: Step 4: Tracks
        var tracksAt = to.Length;
        var all = to.BeginMaster(EbmlId.Tracks);
        for (var i = 0; i < tracks.Count; i++) WriteTrack(to, i + 1, tracks[i]);
        to.EndMaster(all);
        return new SegmentPlaces(sizeAt, SegmentSizeLength, dataAt, infoAt, tracksAt, durationAt, HasRoomForSeekHead: true);
    }

    /// <summary>Writes what stands between the beginning of the Segment's data and the first of Info and Tracks.</summary>
    /// <returns>False, with nothing written, where there is no room.</returns>
    public static bool TryWriteSeekHead(EbmlWriter to, in SegmentPlaces places, long cuesAt)
    {
        var room = places.HasRoomForSeekHead ? Math.Min(places.InfoAt, places.TracksAt) - places.DataAt : 0;
        var begin = to.Length;
        var head = to.BeginMaster(EbmlId.SeekHead);
        WriteSeek(to, EbmlId.Info, places.InfoAt - places.DataAt);
        WriteSeek(to, EbmlId.Tracks, places.TracksAt - places.DataAt);
        WriteSeek(to, EbmlId.Cues, cuesAt - places.DataAt);
        to.EndMaster(head);
        var left = room - (to.Length - begin);
        if (left is < 0 or 1 or > 1 << 20)
        {
            to.Clear();
            return false;
        }

        if (left > 0) to.WriteVoid((int)left);
        return true;
    }

    public static void WriteDuration(EbmlWriter to, TimeSpan duration) => to.WriteFloat(EbmlId.Duration, Math.Round(duration.TotalMilliseconds, 3));

    private static void WriteSeek(EbmlWriter to, uint id, long position)
    {
        var seek = to.BeginMaster(EbmlId.Seek);
        to.WriteId(EbmlId.SeekId);
        to.WriteSize(EbmlWriter.IdLength(id), 1);
        to.WriteId(id);
        to.WriteUnsigned(EbmlId.SeekPosition, (ulong)position);
        to.EndMaster(seek);
    }

    private static void WriteTrack(EbmlWriter to, int number, TrackFormat format)
    {
        var isVideo = format.Codec.Kind() == MediaKind.Video;
        var entry = to.BeginMaster(EbmlId.TrackEntry);
        to.WriteUnsigned(EbmlId.TrackNumber, (ulong)number);
        to.WriteUnsigned(EbmlId.TrackUid, (ulong)number);
        to.WriteUnsigned(EbmlId.TrackType, isVideo ? 1u : 2u);
        to.WriteUnsigned(EbmlId.FlagLacing, 0);
        to.WriteText(EbmlId.Language, "und");
        to.WriteText(EbmlId.CodecIdentifier, CodecIdentifierOf(format.Codec));
        if (!format.CodecPrivate.IsEmpty) to.WriteBytes(EbmlId.CodecPrivate, format.CodecPrivate.Span);
        if (format.Codec == CodecKind.Opus)
        {
            to.WriteUnsigned(EbmlId.CodecDelay, (ulong)(PreSkipOf(format.CodecPrivate.Span) * 1e9 / OpusFrequency));
            to.WriteUnsigned(EbmlId.SeekPreRoll, OpusSeekPreRoll);
        }

        var details = to.BeginMaster(isVideo ? EbmlId.Video : EbmlId.Audio);
        if (isVideo)
        {
            to.WriteUnsigned(EbmlId.PixelWidth, (ulong)Math.Max(1, format.Width));
            to.WriteUnsigned(EbmlId.PixelHeight, (ulong)Math.Max(1, format.Height));
        }
        else
        {
            to.WriteFloat(EbmlId.SamplingFrequency, OpusFrequency);
            to.WriteUnsigned(EbmlId.Channels, (ulong)Math.Max(1, format.Channels));
        }

        to.EndMaster(details);
        to.EndMaster(entry);
    }

    private static int PreSkipOf(ReadOnlySpan<byte> opusHead) =>
        opusHead.Length < OpusPreSkipOffset + 2 ? 0 : opusHead[OpusPreSkipOffset] | (opusHead[OpusPreSkipOffset + 1] << 8);
}

/// <summary>Where things lie in a segment file, from its beginning.</summary>
/// <param name="SizeAt">The Segment's size field.</param>
/// <param name="SizeLength">Bytes of it.</param>
/// <param name="DataAt">What follows the Segment's size field: positions in cues count from here.</param>
/// <param name="InfoAt">Info.</param>
/// <param name="TracksAt">Tracks.</param>
/// <param name="DurationAt">Eleven bytes that are or can become Duration; 0 for none.</param>
/// <param name="HasRoomForSeekHead">Between <paramref name="DataAt"/> and the first of Info and Tracks nothing stands that is still needed.</param>
internal readonly record struct SegmentPlaces(
    long SizeAt, int SizeLength, long DataAt, long InfoAt, long TracksAt, long DurationAt, bool HasRoomForSeekHead);
