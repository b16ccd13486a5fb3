namespace Broadcast.Media.Peers;

/// <summary>What the first byte of a datagram says (RFC 7983, RFC 9443).</summary>
public enum DatagramKind : byte
{
    /// <summary>ZRTP, TURN channels, QUIC or noise: dropped.</summary>
    Unknown,

    /// <summary>0–3.</summary>
    Stun,

    /// <summary>20–63.</summary>
    Dtls,

    /// <summary>128–191 with a second byte outside 192–223.</summary>
    Rtp,

    /// <summary>128–191 with a second byte in 192–223 (RFC 5761 §4).</summary>
    Rtcp,
}

/// <summary>Demultiplexes one UDP port.</summary>
public static class DatagramDemultiplexer
{
    /// <summary>Classifies a datagram; an empty one is <see cref="DatagramKind.Unknown"/>.</summary>
    public static DatagramKind Classify(ReadOnlySpan<byte> datagram)
    {
        if (datagram.Length < 2) return DatagramKind.Unknown;
        return datagram[0] switch
        {
            >= 128 and <= 191 => datagram[1] is >= 192 and <= 223 ? DatagramKind.Rtcp : DatagramKind.Rtp,
            <= 3 => DatagramKind.Stun,
            >= 20 and <= 63 => DatagramKind.Dtls,
            _ => DatagramKind.Unknown,
        };
    }
}
