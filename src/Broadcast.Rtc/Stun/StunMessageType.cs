namespace Broadcast.Rtc.Stun;

/// <summary>The four classes of the Binding method, the only one ICE uses (RFC 8489 §5).</summary>
public static class StunMessageType
{
    /// <summary>Asks for the reflexive address; a connectivity check in ICE.</summary>
    public const ushort BindingRequest = 0x0001;

    /// <summary>Keep-alive that wants no answer.</summary>
    public const ushort BindingIndication = 0x0011;

    /// <summary>Positive answer.</summary>
    public const ushort BindingSuccess = 0x0101;

    /// <summary>Negative answer.</summary>
    public const ushort BindingError = 0x0111;
}
