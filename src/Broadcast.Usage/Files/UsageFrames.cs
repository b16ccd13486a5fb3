using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using Broadcast.Usage.Records;

namespace Broadcast.Usage.Files;

/// <summary>A file of records: eight bytes that say what it is, then frames one behind the other.</summary>
/// <remarks>
/// <code>
/// "BUSE" 1 0 0 0 | length (4, little endian) | CRC-32C of the record (4) | record | length …
/// </code>
/// </remarks>
public static class UsageFrames
{
    /// <summary>Bytes of a frame before its record.</summary>
    public const int FrameHeader = 8;

    /// <summary>Longer records are none: a length beyond is damage.</summary>
    public const int MaxLength = 64 * 1024;

    /// <summary>What each file begins with.</summary>
    public static ReadOnlySpan<byte> FileHeader => "BUSE\u0001\0\0\0"u8;

    /// <summary>Appends a frame to a buffer.</summary>
    public static void Write(ArrayBufferWriter<byte> destination, UsageRecord record)
    {
        var payload = new ArrayBufferWriter<byte>(512);
        UsageCodec.Write(payload, record);
        Write(destination, payload.WrittenSpan);
    }

    /// <summary>Appends a frame of any content to a buffer.</summary>
    internal static void Write(ArrayBufferWriter<byte> destination, ReadOnlySpan<byte> payload)
    {
        var header = destination.GetSpan(FrameHeader);
        BinaryPrimitives.WriteInt32LittleEndian(header, payload.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(header[4..], Crc(payload));
        destination.Advance(FrameHeader);
        destination.Write(payload);
    }

    /// <summary>Reads all frames of a file's bytes.</summary>
    /// <param name="file">The whole file, or what there is of it.</param>
    /// <param name="from">Frames that begin before this byte are passed over.</param>
    public static UsageFrameList Read(ReadOnlyMemory<byte> file, long from = 0)
    {
        var frames = new List<UsageFrame>();
        if (!file.Span.StartsWith(FileHeader)) return new UsageFrameList(frames, 0, file.IsEmpty ? 0 : 1);
        var (at, damaged) = (FileHeader.Length, 0);
        var end = at;
        while (TryFrame(file.Span[at..], out var length))
        {
            var payload = file.Slice(at + FrameHeader, length);
            var next = at + FrameHeader + length;
            var isWhole = BinaryPrimitives.ReadUInt32LittleEndian(file.Span[(at + 4)..]) == Crc(payload.Span);

            // One that does not add up is passed over, for those behind it may be sound; at the tail it is the one that was being written.
            if (!isWhole) damaged++;
            else if (at >= from) frames.Add(new UsageFrame(payload, next));
            if (isWhole) end = next;
            at = next;
        }

        return new UsageFrameList(frames, end, damaged + (at < file.Length ? 1 : 0));
    }

    /// <summary>CRC-32C (Castagnoli), as of iSCSI (RFC 3720 §12.1).</summary>
    internal static uint Crc(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var word in MemoryMarshal.Cast<byte, ulong>(bytes)) crc = BitOperations.Crc32C(crc, word);
        foreach (var rest in bytes[(bytes.Length & ~7)..]) crc = BitOperations.Crc32C(crc, rest);
        return ~crc;
    }

    private static bool TryFrame(ReadOnlySpan<byte> rest, out int length)
    {
        length = 0;
        if (rest.Length < FrameHeader) return false;
        length = BinaryPrimitives.ReadInt32LittleEndian(rest);
        return length is > 0 and <= MaxLength && length <= rest.Length - FrameHeader;
    }
}

/// <summary>One frame.</summary>
/// <param name="Payload">Its content; belongs to the buffer that was read.</param>
/// <param name="Next">Where the next one begins in the file.</param>
public readonly record struct UsageFrame(ReadOnlyMemory<byte> Payload, long Next);

/// <summary>The frames of a file.</summary>
/// <param name="Frames">In their order.</param>
/// <param name="End">Where the last sound frame ends; 0 for a file that is none.</param>
/// <param name="Damaged">Frames that do not add up, and a tail that is not one.</param>
public sealed record UsageFrameList(IReadOnlyList<UsageFrame> Frames, long End, int Damaged);
