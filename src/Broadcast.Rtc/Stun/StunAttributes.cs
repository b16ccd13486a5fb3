using System.Buffers.Binary;

namespace Broadcast.Rtc.Stun;

/// <summary>What one walk over a message's attributes found: values, or where they are.</summary>
internal struct StunAttributes
{
    public ulong TieBreaker;
    public uint Priority;
    public uint Nomination;
    public ushort UsernameOffset;
    public ushort UsernameLength;
    public ushort IntegrityOffset;
    public ushort XorAddressOffset;
    public ushort ErrorCode;
    public byte XorAddressLength;
    public bool HasFingerprint;
    public bool HasPriority;
    public bool HasNomination;
    public bool HasUsername;
    public bool UseCandidate;
    public bool IsControlling;
    public bool IsControlled;
    public bool HasUnknownComprehensionRequired;

    /// <summary>Walks the attributes of a message whose header has been checked.</summary>
    public static DropReason TryRead(ReadOnlySpan<byte> message, out StunAttributes attributes)
    {
        attributes = default;
        for (var offset = StunWire.HeaderLength; offset < message.Length;)
        {
            // The message length is a multiple of four, so a header always fits here.
            var type = BinaryPrimitives.ReadUInt16BigEndian(message[offset..]);
            int length = BinaryPrimitives.ReadUInt16BigEndian(message[(offset + 2)..]);
            var valueOffset = offset + StunWire.AttributeHeaderLength;
            var next = valueOffset + StunWire.Padded(length);
            if (next > message.Length) return DropReason.StunMalformedAttribute;

            if (type == StunAttributeType.Fingerprint)
            {
                // FINGERPRINT is the last attribute (RFC 8489 §14.7).
                if (length != StunWire.FingerprintLength || next != message.Length) return DropReason.StunMalformedAttribute;
                var fingerprint = BinaryPrimitives.ReadUInt32BigEndian(message[valueOffset..]);
                attributes.HasFingerprint = true;
                return fingerprint == StunFingerprint.Compute(message[..offset]) ? DropReason.None : DropReason.StunBadFingerprint;
            }

            if (attributes.IntegrityOffset == 0 && !attributes.Read(type, message.Slice(valueOffset, length), offset))
                return DropReason.StunMalformedAttribute;

            offset = next;
        }

        return DropReason.None;
    }

    /// <summary>True for a type below 0x8000 that this server has no meaning for.</summary>
    public static bool IsUnknownComprehensionRequired(ushort type) =>
        type < StunAttributeType.FirstComprehensionOptional && type
            is not (StunAttributeType.Username or StunAttributeType.MessageIntegrity or StunAttributeType.Priority
            or StunAttributeType.UseCandidate or StunAttributeType.XorMappedAddress or StunAttributeType.MappedAddress
            or StunAttributeType.ErrorCode or StunAttributeType.UnknownAttributes or StunAttributeType.Realm or StunAttributeType.Nonce);

    /// <summary>Takes one attribute in front of MESSAGE-INTEGRITY, or that itself.</summary>
    /// <returns>False when the value cannot be what the type says.</returns>
    private bool Read(ushort type, ReadOnlySpan<byte> value, int offset)
    {
        switch (type)
        {
            case StunAttributeType.Username:
                if (HasUsername) return true;
                HasUsername = true;
                UsernameOffset = (ushort)(offset + StunWire.AttributeHeaderLength);
                UsernameLength = (ushort)value.Length;
                return value.Length <= 513;

            case StunAttributeType.MessageIntegrity:
                IntegrityOffset = (ushort)offset;
                return value.Length == StunWire.IntegrityLength;

            case StunAttributeType.Priority:
                if (value.Length != 4) return false;
                if (!HasPriority) Priority = BinaryPrimitives.ReadUInt32BigEndian(value);
                HasPriority = true;
                return true;

            case StunAttributeType.UseCandidate:
                UseCandidate = true;
                return value.IsEmpty;

            case StunAttributeType.IceControlling:
            case StunAttributeType.IceControlled:
                if (value.Length != 8) return false;
                if (IsControlling || IsControlled) return true;
                TieBreaker = BinaryPrimitives.ReadUInt64BigEndian(value);
                IsControlling = type == StunAttributeType.IceControlling;
                IsControlled = !IsControlling;
                return true;

            case StunAttributeType.Nomination:
                // A draft's attribute that may be ignored: an odd size is no reason to drop a check.
                if (value.Length != 4 || HasNomination) return true;
                Nomination = BinaryPrimitives.ReadUInt32BigEndian(value);
                HasNomination = true;
                return true;

            case StunAttributeType.XorMappedAddress:
                if (!StunXorAddress.IsWellFormed(value)) return false;
                if (XorAddressOffset != 0) return true;
                XorAddressOffset = (ushort)(offset + StunWire.AttributeHeaderLength);
                XorAddressLength = (byte)value.Length;
                return true;

            case StunAttributeType.ErrorCode:
                return ReadErrorCode(value);

            default:
                HasUnknownComprehensionRequired |= IsUnknownComprehensionRequired(type);
                return true;
        }
    }

    private bool ReadErrorCode(ReadOnlySpan<byte> value)
    {
        if (value.Length < 4) return false;
        var hundreds = value[2] & 7;
        if (hundreds is < 3 or > 6 || value[3] > 99) return false;
        if (ErrorCode == 0) ErrorCode = (ushort)((hundreds * 100) + value[3]);
        return true;
    }
}
