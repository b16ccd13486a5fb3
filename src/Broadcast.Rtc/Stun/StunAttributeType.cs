namespace Broadcast.Rtc.Stun;

/// <summary>STUN attribute numbers (RFC 8489 §18.3, RFC 8445 §20, and what browsers send beyond them).</summary>
/// <remarks>Below 0x8000 an agent must understand the attribute or refuse the request; from there on it may ignore it.</remarks>
public static class StunAttributeType
{
    /// <summary>Reflexive address in the clear; answered by RFC 3489 servers only.</summary>
    public const ushort MappedAddress = 0x0001;

    /// <summary>"receiver:sender" username fragments in ICE.</summary>
    public const ushort Username = 0x0006;

    /// <summary>HMAC-SHA1 over everything before it.</summary>
    public const ushort MessageIntegrity = 0x0008;

    /// <summary>Class, number and an optional phrase.</summary>
    public const ushort ErrorCode = 0x0009;

    /// <summary>The types a 420 error complains about.</summary>
    public const ushort UnknownAttributes = 0x000A;

    /// <summary>Long-term credentials; not used by ICE.</summary>
    public const ushort Realm = 0x0014;

    /// <summary>Long-term credentials; not used by ICE.</summary>
    public const ushort Nonce = 0x0015;

    /// <summary>Reflexive address, obscured so that middleboxes do not rewrite it.</summary>
    public const ushort XorMappedAddress = 0x0020;

    /// <summary>Priority of a peer-reflexive candidate.</summary>
    public const ushort Priority = 0x0024;

    /// <summary>Nominates the pair it is sent on.</summary>
    public const ushort UseCandidate = 0x0025;

    /// <summary>CRC-32 over everything before it.</summary>
    public const ushort Fingerprint = 0x8028;

    /// <summary>The sender is controlled; holds its tie-breaker.</summary>
    public const ushort IceControlled = 0x8029;

    /// <summary>The sender is controlling; holds its tie-breaker.</summary>
    public const ushort IceControlling = 0x802A;

    /// <summary>draft-thatcher-ice-renomination: the highest value wins.</summary>
    public const ushort Nomination = 0xC001;

    /// <summary>First of the types that may be ignored.</summary>
    internal const ushort FirstComprehensionOptional = 0x8000;
}
