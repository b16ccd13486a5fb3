using System.Buffers.Binary;

namespace Broadcast.Client.Media;

/// <summary>A packet's mark: its last 16 bytes, compressed media and so as good as unique.</summary>
/// <remarks>
/// A server rewrites sequence numbers, timestamps, header extensions and the descriptor in front of the payload, but
/// passes the media through. So what was sent when can be found again without altering the media.
/// </remarks>
internal static class PayloadTail
{
    private const int Length = 16;

    // The longest descriptor of a forwarded packet plus the tail.
    private const int ShortestPayload = 64;

    /// <summary>Mixes the tail into one number.</summary>
    /// <returns>False for payloads too short to tell.</returns>
    public static bool TryKey(ReadOnlySpan<byte> payload, out ulong key)
    {
        key = 0;
        if (payload.Length < ShortestPayload) return false;
        var tail = payload[^Length..];
        key = (BinaryPrimitives.ReadUInt64LittleEndian(tail) * 0x9E37_79B9_7F4A_7C15) ^ BinaryPrimitives.ReadUInt64LittleEndian(tail[8..]);
        return true;
    }
}
