using System.Buffers.Binary;

namespace Broadcast.Rtc.Dtls;

/// <summary>Content of a record (RFC 5246 §6.2.1).</summary>
internal enum DtlsContentType : byte
{
    ChangeCipherSpec = 20,
    Alert = 21,
    Handshake = 22,
    ApplicationData = 23,
}

/// <summary>The 13-byte header of a DTLS 1.2 record (RFC 6347 §4.1).</summary>
/// <remarks>
/// <code>
///  type (1) | version (2) | epoch (2) | sequence number (6) | length (2) | fragment
/// </code>
/// </remarks>
internal static class DtlsRecord
{
    public const int HeaderLength = 13;
    public const ushort Version12 = 0xFEFD;

    private const ushort Version10 = 0xFEFF; // a first ClientHello carries it
    private const int MaxFragmentLength = 16384 + 2048;

    public static DtlsContentType ContentType(ReadOnlySpan<byte> record) => (DtlsContentType)record[0];

    public static ushort Epoch(ReadOnlySpan<byte> record) => BinaryPrimitives.ReadUInt16BigEndian(record[3..]);

    /// <summary>Epoch and sequence number as one 64-bit number, as the cipher suites use it.</summary>
    public static ulong EpochAndSequence(ReadOnlySpan<byte> record) => BinaryPrimitives.ReadUInt64BigEndian(record[3..]);

    /// <summary>Length of header and fragment.</summary>
    public static int TotalLength(ReadOnlySpan<byte> record) => HeaderLength + BinaryPrimitives.ReadUInt16BigEndian(record[11..]);

    /// <summary>Writes a header.</summary>
    public static void WriteHeader(Span<byte> record, DtlsContentType type, ulong epochAndSequence, int fragmentLength)
    {
        record[0] = (byte)type;
        BinaryPrimitives.WriteUInt16BigEndian(record[1..], Version12);
        BinaryPrimitives.WriteUInt64BigEndian(record[3..], epochAndSequence);
        BinaryPrimitives.WriteUInt16BigEndian(record[11..], (ushort)fragmentLength);
    }

    /// <summary>Whether a datagram is a run of whole DTLS 1.2 records and nothing else.</summary>
    public static DropReason Validate(ReadOnlySpan<byte> datagram)
    {
        if (datagram.IsEmpty) return DropReason.Empty;
        while (!datagram.IsEmpty)
        {
            if (datagram.Length < HeaderLength) return DropReason.DtlsTruncated;
            var version = BinaryPrimitives.ReadUInt16BigEndian(datagram[1..]);
            if (datagram[0] is < (byte)DtlsContentType.ChangeCipherSpec or > (byte)DtlsContentType.ApplicationData) return DropReason.DtlsMalformed;
            if (version != Version12 && (version != Version10 || Epoch(datagram) != 0)) return DropReason.DtlsMalformed;
            var length = TotalLength(datagram);
            if (length > HeaderLength + MaxFragmentLength) return DropReason.DtlsMalformed;
            if (length > datagram.Length) return DropReason.DtlsTruncated;
            datagram = datagram[length..];
        }

        return DropReason.None;
    }
}
