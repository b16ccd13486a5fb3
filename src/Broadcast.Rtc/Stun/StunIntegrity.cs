using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace Broadcast.Rtc.Stun;

/// <summary>MESSAGE-INTEGRITY: HMAC-SHA1 over the message as if it ended with this attribute (RFC 8489 §14.5).</summary>
internal static class StunIntegrity
{
    /// <summary>Computes the attribute's value.</summary>
    /// <param name="message">A message of at most <see cref="StunWire.MaxMessageLength"/> bytes.</param>
    /// <param name="integrityOffset">Where the MESSAGE-INTEGRITY attribute begins.</param>
    /// <param name="key">Short-term credentials: the password's bytes.</param>
    /// <param name="destination">Receives 20 bytes.</param>
    [SkipLocalsInit]
    public static void Compute(ReadOnlySpan<byte> message, int integrityOffset, ReadOnlySpan<byte> key, Span<byte> destination)
    {
        // What follows MESSAGE-INTEGRITY does not count, so the length field is rewritten on a copy.
        Span<byte> covered = stackalloc byte[StunWire.MaxMessageLength];
        covered = covered[..integrityOffset];
        message[..integrityOffset].CopyTo(covered);
        var lengthThroughIntegrity = integrityOffset - StunWire.HeaderLength + StunWire.AttributeHeaderLength + StunWire.IntegrityLength;
        BinaryPrimitives.WriteUInt16BigEndian(covered[2..], (ushort)lengthThroughIntegrity);
        HMACSHA1.HashData(key, covered, destination);
    }
}
