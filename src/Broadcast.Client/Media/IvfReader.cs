using System.Buffers.Binary;
using Broadcast.Rtc;

namespace Broadcast.Client.Media;

/// <summary>Reads IVF: a 32-byte head, then per frame a length, a timestamp and the bytes. Holds VP8, VP9 and AV1.</summary>
internal static class IvfReader
{
    private const int HeadLength = 32;
    private const int FrameHeadLength = 12;

    /// <summary>Splits a file into frames.</summary>
    /// <param name="file">The whole file.</param>
    /// <param name="codec">What it holds, to tell keyframes.</param>
    /// <exception cref="InvalidDataException">Not an IVF file, or cut off within a frame.</exception>
    public static IReadOnlyList<SourceFrame> Read(ReadOnlyMemory<byte> file, CodecKind codec)
    {
        if (file.Length < HeadLength || !file.Span.StartsWith("DKIF"u8)) throw new InvalidDataException("This is no IVF file.");
        var frames = new List<SourceFrame>();
        var rest = file[BinaryPrimitives.ReadUInt16LittleEndian(file.Span[6..])..];
        while (!rest.IsEmpty)
        {
            if (rest.Length < FrameHeadLength) throw new InvalidDataException("The IVF file ends within a frame head.");
            var length = BinaryPrimitives.ReadUInt32LittleEndian(rest.Span);
            if (length > rest.Length - FrameHeadLength) throw new InvalidDataException("The IVF file ends within a frame.");
            var data = rest.Slice(FrameHeadLength, (int)length);
            if (length > 0) frames.Add(new SourceFrame(data, IsKeyframe(codec, data.Span)));
            rest = rest[(FrameHeadLength + (int)length)..];
        }

        return frames;
    }

    private static bool IsKeyframe(CodecKind codec, ReadOnlySpan<byte> frame) => codec switch
    {
        CodecKind.Vp8 => (frame[0] & 1) == 0,
        CodecKind.Vp9 => Vp9Header.TryReadKeyframe(frame, out _, out _),
        _ => ObuReader.HasSequenceHeader(frame),
    };
}
