using System.Buffers.Binary;
using Broadcast.Rtc.HeaderExtensions;

namespace Broadcast.Client.Connections;

/// <summary>Finds the transport-wide sequence number in the clear part of an SRTP packet.</summary>
internal static class TransportSequence
{
    /// <summary>Reads it; false when the packet has none.</summary>
    /// <param name="packet">At least 12 bytes.</param>
    /// <param name="id">The negotiated id; 0 when there is none.</param>
    /// <param name="sequenceNumber">The 16-bit value.</param>
    public static bool TryRead(ReadOnlySpan<byte> packet, byte id, out ushort sequenceNumber)
    {
        sequenceNumber = 0;
        if (id == 0 || (packet[0] & 0x10) == 0) return false;
        var block = 12 + ((packet[0] & 0x0F) * 4);
        if (packet.Length < block + 4) return false;
        var length = BinaryPrimitives.ReadUInt16BigEndian(packet[(block + 2)..]) * 4;
        if (packet.Length < block + 4 + length) return false;
        var reader = new HeaderExtensionReader(BinaryPrimitives.ReadUInt16BigEndian(packet[block..]), packet.Slice(block + 4, length));
        while (reader.TryRead(out var found, out var value))
        {
            if (found != id || value.Length != 2) continue;
            sequenceNumber = BinaryPrimitives.ReadUInt16BigEndian(value);
            return true;
        }

        return false;
    }
}
