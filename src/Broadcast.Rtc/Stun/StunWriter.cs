using System.Buffers.Binary;

namespace Broadcast.Rtc.Stun;

/// <summary>Writes the messages of ICE connectivity checks (RFC 8445 §7). Allocates nothing.</summary>
/// <remarks>
/// A success is 64 bytes for an IPv4 peer and 76 for an IPv6 one. A browser's check has more than 80, so an answer is
/// never larger than what caused it; answer only checks whose integrity was verified and compare with
/// <see cref="SuccessLength"/> where a stranger's shorter check must not be amplified.
/// </remarks>
public static class StunWriter
{
    /// <summary>Room that every response fits in.</summary>
    public const int MaxResponseLength = 128;

    /// <summary>Most unknown attribute types a 420 lists; more say nothing new.</summary>
    public const int MaxUnknownAttributes = 8;

    /// <summary>The exact size of a success response: 64 (IPv4) or 76 (IPv6) bytes.</summary>
    public static int SuccessLength(in TransportAddress mapped) =>
        StunWire.HeaderLength
        + StunWire.AttributeHeaderLength + StunXorAddress.LengthOf(mapped)
        + StunWire.AttributeHeaderLength + StunWire.IntegrityLength
        + StunWire.AttributeHeaderLength + StunWire.FingerprintLength;

    /// <summary>Answers a check: XOR-MAPPED-ADDRESS, MESSAGE-INTEGRITY, FINGERPRINT (RFC 8445 §7.3.1.2).</summary>
    /// <param name="destination">At least <see cref="MaxResponseLength"/> bytes.</param>
    /// <param name="transactionId">12 bytes of the request.</param>
    /// <param name="mapped">The address the request came from; IPv4-mapped ones are written as IPv4.</param>
    /// <param name="key">The answering side's ICE password.</param>
    /// <returns>The length of the message.</returns>
    public static int WriteBindingSuccess(Span<byte> destination, ReadOnlySpan<byte> transactionId, in TransportAddress mapped, ReadOnlySpan<byte> key)
    {
        var builder = new StunMessageBuilder(destination, StunMessageType.BindingSuccess, transactionId);
        builder.AppendXorMappedAddress(mapped);
        return builder.Finish(key);
    }

    /// <summary>Refuses a check (RFC 8489 §6.3.1). The reason phrase stays empty: nobody reads it, and it would cost bytes.</summary>
    /// <param name="destination">At least <see cref="MaxResponseLength"/> bytes.</param>
    /// <param name="transactionId">12 bytes of the request.</param>
    /// <param name="errorCode">300 to 699, e.g. 400, 401, 420, 487.</param>
    /// <param name="key">The answering side's ICE password; empty leaves MESSAGE-INTEGRITY out (400 and 401).</param>
    /// <param name="unknownAttributes">For 420: what was not understood; beyond <see cref="MaxUnknownAttributes"/> cut off.</param>
    /// <returns>The length of the message.</returns>
    public static int WriteBindingError(
        Span<byte> destination, ReadOnlySpan<byte> transactionId, int errorCode, ReadOnlySpan<byte> key, ReadOnlySpan<ushort> unknownAttributes = default)
    {
        if (errorCode is < 300 or > 699) throw new ArgumentOutOfRangeException(nameof(errorCode), errorCode, "A STUN error code is 300 to 699.");
        var builder = new StunMessageBuilder(destination, StunMessageType.BindingError, transactionId);
        builder.AppendUInt32(StunAttributeType.ErrorCode, (uint)(((errorCode / 100) << 8) | (errorCode % 100)));
        if (!unknownAttributes.IsEmpty)
        {
            var count = Math.Min(unknownAttributes.Length, MaxUnknownAttributes);
            var value = builder.Append(StunAttributeType.UnknownAttributes, count * sizeof(ushort));
            for (var i = 0; i < count; i++) BinaryPrimitives.WriteUInt16BigEndian(value[(i * sizeof(ushort))..], unknownAttributes[i]);
        }

        return builder.Finish(key);
    }

    /// <summary>A connectivity check as a full agent sends it (RFC 8445 §7.2.2); for clients of this server.</summary>
    /// <param name="destination">Room for 80 bytes and the padded username.</param>
    /// <param name="transactionId">12 random bytes.</param>
    /// <param name="username">"remote fragment:local fragment", at most 513 bytes.</param>
    /// <param name="key">The remote side's ICE password.</param>
    /// <param name="priority">What a peer-reflexive candidate learned from this check would get.</param>
    /// <param name="tieBreaker">Random, the same for the whole session.</param>
    /// <param name="controlling">The claimed role.</param>
    /// <param name="useCandidate">Nominate the pair.</param>
    /// <returns>The length of the message.</returns>
    public static int WriteBindingRequest(
        Span<byte> destination,
        ReadOnlySpan<byte> transactionId,
        ReadOnlySpan<byte> username,
        ReadOnlySpan<byte> key,
        uint priority,
        ulong tieBreaker,
        bool controlling,
        bool useCandidate)
    {
        var builder = new StunMessageBuilder(destination, StunMessageType.BindingRequest, transactionId);
        builder.AppendBytes(StunAttributeType.Username, username);
        builder.AppendUInt64(controlling ? StunAttributeType.IceControlling : StunAttributeType.IceControlled, tieBreaker);
        builder.AppendUInt32(StunAttributeType.Priority, priority);
        if (useCandidate) builder.Append(StunAttributeType.UseCandidate, 0);
        return builder.Finish(key);
    }
}
