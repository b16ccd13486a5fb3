using Broadcast.Fuzz.Files;
using Broadcast.Recording.Frames;
using Broadcast.Rtc;
using Broadcast.Vod.Recordings;

namespace Broadcast.Fuzz.Corpus;

/// <summary>Small segment files, as the recorder closes them and as it leaves them when it is killed.</summary>
internal static class SampleSegments
{
    private static readonly byte[] ClusterId = [0x1F, 0x43, 0xB6, 0x75];

    /// <summary>Picture and sound, closed and open; sound alone; clusters of unknown size.</summary>
    public static IReadOnlyList<byte[]> Matroska { get; } =
    [
        WrittenFile.Of(SegmentContainer.WebM, [Frames(CodecKind.Vp8), Frames(CodecKind.Opus)], isClosed: true),
        WrittenFile.Of(SegmentContainer.WebM, [Frames(CodecKind.Vp8), Frames(CodecKind.Opus)], isClosed: false),
        WrittenFile.Of(SegmentContainer.WebM, [Frames(CodecKind.Opus)], isClosed: true),
        WithoutSizes(WrittenFile.Of(SegmentContainer.Matroska, [Frames(CodecKind.H264), Frames(CodecKind.Opus)], isClosed: false)),
    ];

    /// <summary>Picture and sound of both codecs; sound alone.</summary>
    public static IReadOnlyList<byte[]> Mp4 { get; } =
    [
        WrittenFile.Of(SegmentContainer.Mp4, [Frames(CodecKind.H264), Frames(CodecKind.Opus)], isClosed: true),
        WrittenFile.Of(SegmentContainer.Mp4, [Frames(CodecKind.H265), Frames(CodecKind.Opus)], isClosed: true),
        WrittenFile.Of(SegmentContainer.Mp4, [Frames(CodecKind.Opus)], isClosed: false),
    ];

    /// <summary>A few seconds, with keyframes in them.</summary>
    private static IReadOnlyList<AssembledFrame> Frames(CodecKind codec)
    {
        const int Count = 8;
        var isSound = codec == CodecKind.Opus;
        var format = new TrackFormat(codec, isSound ? 0 : 640, isSound ? 0 : 360, isSound ? 2 : 0, isSound ? [.. "OpusHead"u8, 1, 2, 0, 0, 0x80, 0xBB, 0, 0, 0, 0, 0] : new byte[] { 1, 2, 3, 4 }, "");
        return [.. Enumerable.Range(0, Count).Select(i => new AssembledFrame(i * (isSound ? 24_000 : 45_000), isSound || i % 3 == 0, isSound ? SamplePayloads.Opus[0] : new byte[] { 0, 0, 0, 2, 0x65, (byte)i }, format))];
    }

    private static byte[] WithoutSizes(byte[] file)
    {
        for (var at = file.AsSpan().IndexOf(ClusterId); at >= 0;)
        {
            byte[] unknown = [0x1F, 0xFF, 0xFF, 0xFF];
            unknown.CopyTo(file, at + ClusterId.Length);
            var next = file.AsSpan(at + ClusterId.Length).IndexOf(ClusterId);
            at = next < 0 ? next : at + ClusterId.Length + next;
        }

        return file;
    }
}
