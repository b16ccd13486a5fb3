using System.Buffers.Binary;

namespace Broadcast.Rtc.Stun;

/// <summary>Appends attributes to one message; integrity and fingerprint come last, in this order.</summary>
internal ref struct StunMessageBuilder
{
    private readonly Span<byte> _destination;
    private int _length;

    /// <exception cref="ArgumentException">The transaction id is not 12 bytes long, or the destination is too small.</exception>
    public StunMessageBuilder(Span<byte> destination, ushort type, ReadOnlySpan<byte> transactionId)
    {
        if (transactionId.Length != StunWire.TransactionIdLength) throw new ArgumentException("A STUN transaction id has 12 bytes.", nameof(transactionId));
        _destination = destination;
        BinaryPrimitives.WriteUInt16BigEndian(destination, type);
        BinaryPrimitives.WriteUInt32BigEndian(destination[4..], StunWire.MagicCookie);
        transactionId.CopyTo(destination[StunWire.TransactionIdOffset..]);
        _length = StunWire.HeaderLength;
    }

    /// <summary>What has been written so far; the length field is right only after <see cref="Finish"/>.</summary>
    public readonly ReadOnlySpan<byte> Message => _destination[.._length];

    /// <summary>Appends an attribute and returns its value bytes for the caller to fill; padding is zero.</summary>
    public Span<byte> Append(ushort type, int valueLength)
    {
        var padded = StunWire.Padded(valueLength);
        var attribute = _destination.Slice(_length, StunWire.AttributeHeaderLength + padded);
        BinaryPrimitives.WriteUInt16BigEndian(attribute, type);
        BinaryPrimitives.WriteUInt16BigEndian(attribute[2..], (ushort)valueLength);
        attribute[(StunWire.AttributeHeaderLength + valueLength)..].Clear();
        _length += attribute.Length;
        return attribute.Slice(StunWire.AttributeHeaderLength, valueLength);
    }

    public void AppendUInt32(ushort type, uint value) => BinaryPrimitives.WriteUInt32BigEndian(Append(type, sizeof(uint)), value);

    public void AppendUInt64(ushort type, ulong value) => BinaryPrimitives.WriteUInt64BigEndian(Append(type, sizeof(ulong)), value);

    public void AppendBytes(ushort type, ReadOnlySpan<byte> value) => value.CopyTo(Append(type, value.Length));

    public void AppendXorMappedAddress(in TransportAddress mapped)
    {
        var value = Append(StunAttributeType.XorMappedAddress, StunXorAddress.LengthOf(mapped));
        StunXorAddress.Write(value, mapped, _destination[4..StunWire.HeaderLength]);
    }

    /// <summary>Adds MESSAGE-INTEGRITY unless the key is empty, then FINGERPRINT, and fixes the length field.</summary>
    /// <returns>The length of the message.</returns>
    public int Finish(ReadOnlySpan<byte> key)
    {
        if (!key.IsEmpty)
        {
            var integrityOffset = _length;
            var integrity = Append(StunAttributeType.MessageIntegrity, StunWire.IntegrityLength);
            StunIntegrity.Compute(_destination, integrityOffset, key, integrity);
        }

        var fingerprintOffset = _length;
        var fingerprint = Append(StunAttributeType.Fingerprint, StunWire.FingerprintLength);
        BinaryPrimitives.WriteUInt16BigEndian(_destination[2..], (ushort)(_length - StunWire.HeaderLength));
        BinaryPrimitives.WriteUInt32BigEndian(fingerprint, StunFingerprint.Compute(_destination[..fingerprintOffset]));
        return _length;
    }
}
