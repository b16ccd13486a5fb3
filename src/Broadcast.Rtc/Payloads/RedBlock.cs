namespace Broadcast.Rtc.Payloads;

/// <summary>An earlier packet carried again inside a RED payload (RFC 2198 §3).</summary>
/// <remarks>Valid only while the underlying buffer is. The default value stands for none.</remarks>
public readonly ref struct RedBlock
{
    /// <summary>How far back a timestamp offset of 14 bits reaches.</summary>
    public const int MaximumTimestampOffset = 0x3FFF;

    /// <summary>What a block length of 10 bits can say.</summary>
    public const int MaximumLength = 0x3FF;

    /// <summary>Describes one packet.</summary>
    /// <param name="payloadType">Of the packet, 0 to 127.</param>
    /// <param name="timestampOffset">Primary timestamp minus the packet's, in units of the clock rate.</param>
    /// <param name="data">Its payload.</param>
    public RedBlock(byte payloadType, uint timestampOffset, ReadOnlySpan<byte> data)
    {
        PayloadType = payloadType;
        TimestampOffset = timestampOffset;
        Data = data;
    }

    /// <summary>0 to 127.</summary>
    public byte PayloadType { get; }

    /// <summary>To be subtracted from the packet's own timestamp.</summary>
    public uint TimestampOffset { get; }

    /// <summary>The payload of the earlier packet.</summary>
    public ReadOnlySpan<byte> Data { get; }

    /// <summary>False for what the format cannot carry, or what would say nothing: no data, not earlier, too early, too long.</summary>
    internal bool CanBeWritten => Data.Length is > 0 and <= MaximumLength && TimestampOffset is > 0 and <= MaximumTimestampOffset;
}
