namespace Broadcast.Rtc.Stun;

/// <summary>Sizes and constants of the STUN header (RFC 8489 §5).</summary>
internal static class StunWire
{
    /// <summary>Type, length, magic cookie, transaction id.</summary>
    public const int HeaderLength = 20;

    /// <summary>Type and length in front of every attribute.</summary>
    public const int AttributeHeaderLength = 4;

    /// <summary>Where the transaction id begins.</summary>
    public const int TransactionIdOffset = 8;

    /// <summary>96 bits.</summary>
    public const int TransactionIdLength = 12;

    /// <summary>Tells STUN from what came before it, and from other protocols on the port.</summary>
    public const uint MagicCookie = 0x2112A442;

    /// <summary>HMAC-SHA1 output.</summary>
    public const int IntegrityLength = 20;

    /// <summary>CRC-32 output.</summary>
    public const int FingerprintLength = 4;

    /// <summary>Larger than any check an ICE agent sends over a path with an Internet MTU.</summary>
    public const int MaxMessageLength = 1500;

    /// <summary>Attributes begin at multiples of four (RFC 8489 §14).</summary>
    public static int Padded(int length) => (length + 3) & ~3;
}
