using System.Buffers.Binary;
using Broadcast.Recording.Frames;
using Broadcast.Recording.Matroska;
using Broadcast.Rtc;

namespace Broadcast.Recording.Mp4;

/// <summary>The fixed beginning of a file in fragments: what MSE calls the initialization segment.</summary>
/// <remarks>
/// <code>
/// ftyp
/// moov              without samples, without a duration
///   mvhd
///   trak …          one for each track
///   mvex            trex for each track
/// moof, mdat        a fragment
/// moof, mdat …
/// </code>
/// </remarks>
internal static class FragmentLayout
{
    public const uint VideoTimescale = 90_000;
    public const uint AudioTimescale = 48_000;

    private const uint MovieTimescale = 1000;
    private const int LanguageUndetermined = 0x55C4;
    private const uint Resolution72Dpi = 0x0048_0000;
    private const int OpusHeadLength = 19;

    /// <summary>80 ms in packets of 20 ms (the mapping of Opus into ISO files, §4.3.6.2).</summary>
    private const int OpusRollDistance = -4;

    private static readonly DateTimeOffset Epoch = new(1904, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Ticks a second.</summary>
    public static uint TimescaleOf(CodecKind codec) => codec.Kind() == MediaKind.Video ? VideoTimescale : AudioTimescale;

    /// <summary>Refuses what is not written to such files.</summary>
    public static void Check(TrackFormat format)
    {
        var isKnown = format.Codec switch
        {
            CodecKind.H264 or CodecKind.H265 => !format.CodecPrivate.IsEmpty,
            CodecKind.Opus => format.CodecPrivate.Length >= OpusHeadLength,
            _ => false,
        };
        if (!isKnown) throw new ArgumentException($"{format.Codec} is not written to MP4, or not without its configuration.", nameof(format));
    }

    /// <summary>Writes all before the first fragment.</summary>
    public static void WriteHeader(BoxWriter to, IReadOnlyList<TrackFormat> tracks, SegmentOptions options)
    {
        var brands = to.Begin("ftyp"u8);
        to.Write("iso6"u8);
        to.Write32(0);
        to.Write("iso6mp41"u8);
        to.End(brands);

        var movie = to.Begin("moov"u8);
        WriteMovieHeader(to, tracks.Count, options.Date);
        for (var i = 0; i < tracks.Count; i++) WriteTrack(to, i + 1, tracks[i]);
        var fragments = to.Begin("mvex"u8);
        for (var i = 0; i < tracks.Count; i++)
        {
            var defaults = to.Begin("trex"u8, 0, 0);
            to.Write32((uint)(i + 1));
            to.Write32(1);
            to.WriteZeros(8);
            to.Write32(SampleFlags.Of(isKeyframe: tracks[i].Codec.Kind() == MediaKind.Audio));
            to.End(defaults);
        }

        to.End(fragments);
        to.End(movie);
    }

    private static void WriteMovieHeader(BoxWriter to, int tracks, DateTimeOffset? date)
    {
        var seconds = date is { } at ? (ulong)Math.Max(0, (at - Epoch).TotalSeconds) : 0;
        var header = to.Begin("mvhd"u8, 1, 0);
        to.Write64(seconds);
        to.Write64(seconds);
        to.Write32(MovieTimescale);
        to.Write64(0);
        to.Write32(0x0001_0000); // rate
        to.Write16(0x0100); // volume
        to.WriteZeros(10);
        WriteMatrix(to);
        to.WriteZeros(24);
        to.Write32((uint)(tracks + 1));
        to.End(header);
    }

    private static void WriteTrack(BoxWriter to, int number, TrackFormat format)
    {
        var isVideo = format.Codec.Kind() == MediaKind.Video;
        var track = to.Begin("trak"u8);
        var header = to.Begin("tkhd"u8, 0, 0b11); // enabled, in the movie
        to.WriteZeros(8);
        to.Write32((uint)number);
        to.WriteZeros(4 + 4 + 8 + 4);
        to.Write16(isVideo ? 0 : 0x0100);
        to.Write16(0);
        WriteMatrix(to);
        to.Write32((uint)format.Width << 16);
        to.Write32((uint)format.Height << 16);
        to.End(header);

        var media = to.Begin("mdia"u8);
        var mediaHeader = to.Begin("mdhd"u8, 0, 0);
        to.WriteZeros(8);
        to.Write32(TimescaleOf(format.Codec));
        to.Write32(0);
        to.Write16(LanguageUndetermined);
        to.Write16(0);
        to.End(mediaHeader);
        var handler = to.Begin("hdlr"u8, 0, 0);
        to.Write32(0);
        to.Write(isVideo ? "vide"u8 : "soun"u8);
        to.WriteZeros(12);
        to.Write8(0); // no name
        to.End(handler);
        WriteMediaInformation(to, format, isVideo);
        to.End(media);
        to.End(track);
    }

    private static void WriteMediaInformation(BoxWriter to, TrackFormat format, bool isVideo)
    {
        var information = to.Begin("minf"u8);
        var kind = isVideo ? to.Begin("vmhd"u8, 0, 1) : to.Begin("smhd"u8, 0, 0);
        to.WriteZeros(isVideo ? 8 : 4);
        to.End(kind);
        var data = to.Begin("dinf"u8);
        var references = to.Begin("dref"u8, 0, 0);
        to.Write32(1);
        to.End(to.Begin("url "u8, 0, 1)); // in this file
        to.End(references);
        to.End(data);

        var table = to.Begin("stbl"u8);
        var descriptions = to.Begin("stsd"u8, 0, 0);
        to.Write32(1);
        if (isVideo) WriteVideoEntry(to, format);
        else WriteOpusEntry(to, format);
        to.End(descriptions);
        WriteEmptyTable(to, "stts"u8, 4);
        WriteEmptyTable(to, "stsc"u8, 4);
        WriteEmptyTable(to, "stsz"u8, 8);
        WriteEmptyTable(to, "stco"u8, 4);
        if (!isVideo) WriteRollGroup(to);
        to.End(table);
        to.End(information);
    }

    /// <remarks>
    /// Parameter sets are in the samples too, which strictly is for avc3 and hev1. But they are the ones of the entry, for other ones are another
    /// format and so another file; and Apple's players take only hvc1.
    /// </remarks>
    private static void WriteVideoEntry(BoxWriter to, TrackFormat format)
    {
        var entry = to.Begin(format.Codec == CodecKind.H264 ? "avc1"u8 : "hvc1"u8);
        to.WriteZeros(6);
        to.Write16(1); // the reference to this file
        to.WriteZeros(16);
        to.Write16(format.Width);
        to.Write16(format.Height);
        to.Write32(Resolution72Dpi);
        to.Write32(Resolution72Dpi);
        to.Write32(0);
        to.Write16(1); // pictures in a sample
        to.WriteZeros(32);
        to.Write16(0x0018); // depth
        to.Write16(0xFFFF);
        var configuration = to.Begin(format.Codec == CodecKind.H264 ? "avcC"u8 : "hvcC"u8);
        to.Write(format.CodecPrivate.Span);
        to.End(configuration);
        to.End(entry);
    }

    /// <summary>What OpusHead (RFC 7845 §5.1) says in little-endian, dOps says in big-endian.</summary>
    private static void WriteOpusEntry(BoxWriter to, TrackFormat format)
    {
        var head = format.CodecPrivate.Span;
        var entry = to.Begin("Opus"u8);
        to.WriteZeros(6);
        to.Write16(1);
        to.WriteZeros(8);
        to.Write16(Math.Max(1, format.Channels));
        to.Write16(16);
        to.Write32(0);
        to.Write32(AudioTimescale << 16);
        var specific = to.Begin("dOps"u8);
        to.Write8(0); // version
        to.Write8(head[9]); // channels
        to.Write16(BinaryPrimitives.ReadUInt16LittleEndian(head[10..])); // pre-skip
        to.Write32(BinaryPrimitives.ReadUInt32LittleEndian(head[12..])); // rate of the source
        to.Write16(BinaryPrimitives.ReadUInt16LittleEndian(head[16..])); // gain
        to.Write(head[18..]); // family of the mapping, and its table
        to.End(specific);
        to.End(entry);
    }

    /// <summary>A decoder of Opus that begins somewhere needs 80 ms before: each fragment says that its samples are in this group.</summary>
    private static void WriteRollGroup(BoxWriter to)
    {
        var group = to.Begin("sgpd"u8, 1, 0);
        to.Write("roll"u8);
        to.Write32(sizeof(short));
        to.Write32(1);
        to.Write16(OpusRollDistance);
        to.End(group);
    }

    private static void WriteEmptyTable(BoxWriter to, ReadOnlySpan<byte> type, int zeros)
    {
        var table = to.Begin(type, 0, 0);
        to.WriteZeros(zeros);
        to.End(table);
    }

    private static void WriteMatrix(BoxWriter to)
    {
        to.Write32(0x0001_0000);
        to.WriteZeros(12);
        to.Write32(0x0001_0000);
        to.WriteZeros(12);
        to.Write32(0x4000_0000);
    }
}

/// <summary>What a fragment says of each sample (ISO/IEC 14496-12 §8.8.3.1).</summary>
internal static class SampleFlags
{
    private const uint DependsOnOthers = 0x0100_0000;
    private const uint DependsOnNone = 0x0200_0000;
    private const uint IsNotSync = 0x0001_0000;

    public static uint Of(bool isKeyframe) => isKeyframe ? DependsOnNone : DependsOnOthers | IsNotSync;
}
