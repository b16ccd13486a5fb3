using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Broadcast.Rtc.Stun;

/// <summary>Bounds-checked, non-owning view over one STUN message (RFC 8489 §5), with what ICE needs of it (RFC 8445 §7.1).</summary>
/// <remarks>
/// Valid only while the underlying buffer is. Of repeated attributes the first counts, and attributes between
/// MESSAGE-INTEGRITY and FINGERPRINT are ignored (RFC 8489 §14 and §14.5). Allocates nothing.
/// </remarks>
public readonly ref struct StunMessageView
{
    private readonly ReadOnlySpan<byte> _message;
    private readonly StunAttributes _attributes;

    private StunMessageView(ReadOnlySpan<byte> message, scoped in StunAttributes attributes)
    {
        _message = message;
        _attributes = attributes;
    }

    /// <summary>Bytes of the message.</summary>
    public int Length => _message.Length;

    /// <summary>Method and class in their wire form.</summary>
    public ushort Type => BinaryPrimitives.ReadUInt16BigEndian(_message);

    /// <summary>A connectivity check.</summary>
    public bool IsBindingRequest => Type == StunMessageType.BindingRequest;

    /// <summary>A keep-alive without answer.</summary>
    public bool IsBindingIndication => Type == StunMessageType.BindingIndication;

    /// <summary>A positive answer to a check.</summary>
    public bool IsBindingSuccess => Type == StunMessageType.BindingSuccess;

    /// <summary>A negative answer to a check.</summary>
    public bool IsBindingError => Type == StunMessageType.BindingError;

    /// <summary>12 bytes that pair a response with its request.</summary>
    public ReadOnlySpan<byte> TransactionId => _message.Slice(StunWire.TransactionIdOffset, StunWire.TransactionIdLength);

    /// <summary>USERNAME, empty when absent.</summary>
    public ReadOnlySpan<byte> Username => _message.Slice(_attributes.UsernameOffset, _attributes.UsernameLength);

    /// <summary>True when MESSAGE-INTEGRITY is there; it proves nothing before <see cref="VerifyIntegrity"/>.</summary>
    public bool HasMessageIntegrity => _attributes.IntegrityOffset != 0;

    /// <summary>True when FINGERPRINT is there (and, as the view exists, right).</summary>
    public bool HasFingerprint => _attributes.HasFingerprint;

    /// <summary>The sender nominates the pair this came on.</summary>
    public bool UseCandidate => _attributes.UseCandidate;

    /// <summary>True when PRIORITY is there; early FFmpeg releases leave it out.</summary>
    public bool HasPriority => _attributes.HasPriority;

    /// <summary>PRIORITY, or 0.</summary>
    public uint Priority => _attributes.Priority;

    /// <summary>The sender claims the controlling role.</summary>
    public bool IsControlling => _attributes.IsControlling;

    /// <summary>The sender claims the controlled role: a conflict with a lite agent (RFC 8445 §7.3.1.1).</summary>
    public bool IsControlled => _attributes.IsControlled;

    /// <summary>Tie-breaker of the claimed role, or 0.</summary>
    public ulong TieBreaker => _attributes.TieBreaker;

    /// <summary>True when the renomination attribute (0xC001) is there.</summary>
    public bool HasNomination => _attributes.HasNomination;

    /// <summary>Renomination value, or 0; the highest seen wins.</summary>
    public uint Nomination => _attributes.Nomination;

    /// <summary>ERROR-CODE, 300 to 699; 0 when absent.</summary>
    public int ErrorCode => _attributes.ErrorCode;

    /// <summary>A request with such attributes is answered with 420 (RFC 8489 §6.3.1).</summary>
    public bool HasUnknownComprehensionRequired => _attributes.HasUnknownComprehensionRequired;

    /// <summary>Validates header, lengths, attributes and FINGERPRINT, cheapest first.</summary>
    /// <returns>Why the datagram must be dropped, or <see cref="DropReason.None"/>.</returns>
    public static DropReason TryParse(ReadOnlySpan<byte> datagram, out StunMessageView view)
    {
        view = default;
        if (datagram.IsEmpty) return DropReason.Empty;
        if (datagram[0] > 3) return DropReason.UnknownFirstByte;
        if (datagram.Length < StunWire.HeaderLength) return DropReason.StunTruncated;
        if (BinaryPrimitives.ReadUInt32BigEndian(datagram[4..]) != StunWire.MagicCookie) return DropReason.StunBadMagicCookie;

        int length = BinaryPrimitives.ReadUInt16BigEndian(datagram[2..]);
        if ((length & 3) != 0 || StunWire.HeaderLength + length != datagram.Length) return DropReason.StunBadLength;
        if (datagram.Length > StunWire.MaxMessageLength) return DropReason.StunBadLength;

        var reason = StunAttributes.TryRead(datagram, out var attributes);
        if (reason == DropReason.None) view = new StunMessageView(datagram, attributes);
        return reason;
    }

    /// <summary>Splits USERNAME of a request at its first colon (RFC 8445 §7.2.2).</summary>
    /// <param name="local">The receiver's fragment: ours in a request we receive.</param>
    /// <param name="remote">The sender's fragment.</param>
    /// <returns>False when there is no USERNAME, no colon, or nothing before it.</returns>
    public bool TrySplitUsername(out ReadOnlySpan<byte> local, out ReadOnlySpan<byte> remote)
    {
        local = remote = default;
        var username = Username;
        var colon = username.IndexOf((byte)':');
        if (colon <= 0) return false;
        local = username[..colon];
        remote = username[(colon + 1)..];
        return true;
    }

    /// <summary>Checks MESSAGE-INTEGRITY in constant time.</summary>
    /// <param name="key">For ICE the password's bytes: the receiver's for requests, the request receiver's for responses.</param>
    /// <returns>False when it is absent or wrong.</returns>
    public bool VerifyIntegrity(ReadOnlySpan<byte> key)
    {
        if (!HasMessageIntegrity) return false;
        Span<byte> expected = stackalloc byte[StunWire.IntegrityLength];
        StunIntegrity.Compute(_message, _attributes.IntegrityOffset, key, expected);
        var given = _message.Slice(_attributes.IntegrityOffset + StunWire.AttributeHeaderLength, StunWire.IntegrityLength);
        return CryptographicOperations.FixedTimeEquals(expected, given);
    }

    /// <summary>XOR-MAPPED-ADDRESS: where the responder saw the request come from.</summary>
    public bool TryGetXorMappedAddress(out TransportAddress address)
    {
        address = default;
        if (_attributes.XorAddressOffset == 0) return false;
        address = StunXorAddress.Read(_message.Slice(_attributes.XorAddressOffset, _attributes.XorAddressLength), _message[4..StunWire.HeaderLength]);
        return true;
    }

    /// <summary>Collects the attribute types a 420 response must list.</summary>
    /// <returns>How many were written; what does not fit is left out.</returns>
    public int CopyUnknownComprehensionRequired(Span<ushort> destination)
    {
        if (!HasUnknownComprehensionRequired) return 0;
        var count = 0;
        var end = HasMessageIntegrity ? _attributes.IntegrityOffset : _message.Length;
        for (var offset = StunWire.HeaderLength; offset < end && count < destination.Length;)
        {
            var type = BinaryPrimitives.ReadUInt16BigEndian(_message[offset..]);
            if (StunAttributes.IsUnknownComprehensionRequired(type)) destination[count++] = type;
            offset += StunWire.AttributeHeaderLength + StunWire.Padded(BinaryPrimitives.ReadUInt16BigEndian(_message[(offset + 2)..]));
        }

        return count;
    }
}
