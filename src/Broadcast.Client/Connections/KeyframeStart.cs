using Broadcast.Rtc;

namespace Broadcast.Client.Connections;

/// <summary>Whether a payload is where decoding can begin.</summary>
internal static class KeyframeStart
{
    /// <summary>Looks at descriptor and first bytes.</summary>
    public static bool Is(CodecKind codec, ReadOnlySpan<byte> payload) => codec switch
    {
        CodecKind.Vp8 => IsVp8(payload),
        CodecKind.Vp9 => payload.Length > 0 && (payload[0] & 0x48) == 0x08 && IsBaseLayer(payload), // P = 0, B = 1
        CodecKind.H264 => IsH264(payload),
        CodecKind.Av1 => payload.Length > 0 && (payload[0] & 0x08) != 0, // N
        _ => false,
    };

    /// <summary>RFC 7741 §4.2, §4.3: start of partition 0 and the frame's inverse key bit clear.</summary>
    private static bool IsVp8(ReadOnlySpan<byte> payload)
    {
        if (payload.Length < 2 || (payload[0] & 0x17) != 0x10) return false;
        var at = 1;
        if ((payload[0] & 0x80) != 0)
        {
            var flags = payload[at++];
            if ((flags & 0x80) != 0)
            {
                if (at >= payload.Length) return false;
                at += (payload[at] & 0x80) != 0 ? 2 : 1;
            }

            if ((flags & 0x40) != 0) at++;
            if ((flags & 0x30) != 0) at++;
        }

        return at < payload.Length && (payload[at] & 1) == 0;
    }

    /// <summary>RFC 9628 §4.2: no layer byte, or spatial layer 0.</summary>
    private static bool IsBaseLayer(ReadOnlySpan<byte> payload)
    {
        if ((payload[0] & 0x20) == 0) return true;
        var at = 1;
        if ((payload[0] & 0x80) != 0) at += payload.Length > 1 && (payload[1] & 0x80) != 0 ? 2 : 1;
        return at < payload.Length && (payload[at] & 0x0E) == 0;
    }

    /// <summary>RFC 6184 §5: SPS or IDR, alone, aggregated, or the first fragment.</summary>
    private static bool IsH264(ReadOnlySpan<byte> payload)
    {
        if (payload.Length < 2) return false;
        var type = payload[0] & 0x1F;
        if (type == 28) return (payload[1] & 0x80) != 0 && (payload[1] & 0x1F) is 5 or 7; // S bit and the fragmented unit
        if (type != 24) return type is 5 or 7;
        for (var rest = payload[1..]; rest.Length > 2;)
        {
            var length = (rest[0] << 8) | rest[1];
            if ((rest[2] & 0x1F) is 5 or 7) return true;
            if (2 + length > rest.Length) break;
            rest = rest[(2 + length)..];
        }

        return false;
    }
}
