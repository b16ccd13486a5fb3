namespace Broadcast.Rtc.Payloads;

/// <summary>Reads the table-of-contents byte of an Opus packet (RFC 6716 §3.1).</summary>
public static class OpusPacket
{
    /// <summary>The RTP clock of Opus, whatever the coded bandwidth (RFC 7587 §4.1).</summary>
    public const int ClockRateHz = 48_000;

    /// <summary>Longest packet: 120 ms.</summary>
    public const int MaximumDuration = 5_760;

    /// <summary>How long the packet's sound lasts.</summary>
    /// <param name="payload">One Opus packet.</param>
    /// <param name="duration">In units of 48 kHz, 120 to 5,760.</param>
    /// <returns><see cref="DropReason.PayloadTruncated"/>, or <see cref="DropReason.PayloadMalformed"/> when it holds no frame or more than 120 ms.</returns>
    public static DropReason TryDuration(ReadOnlySpan<byte> payload, out int duration)
    {
        duration = 0;
        if (payload.IsEmpty) return DropReason.PayloadTruncated;

        int frames;
        switch (payload[0] & 3)
        {
            case 0: frames = 1; break;
            case 1 or 2: frames = 2; break;
            default:
                if (payload.Length < 2) return DropReason.PayloadTruncated;
                frames = payload[1] & 0x3F;
                break;
        }

        var total = frames * FrameDuration(payload[0]);
        if (total is 0 or > MaximumDuration) return DropReason.PayloadMalformed;
        duration = total;
        return DropReason.None;
    }

    /// <summary>Two channels are coded (the decoder may still play one).</summary>
    /// <param name="payload">At least one byte.</param>
    public static bool IsStereo(ReadOnlySpan<byte> payload) => !payload.IsEmpty && (payload[0] & 4) != 0;

    /// <summary>Discontinuous transmission: a packet of at most two bytes stands for silence until the next (RFC 6716 §2.1.9).</summary>
    public static bool IsDiscontinuous(ReadOnlySpan<byte> payload) => payload.Length <= 2;

    /// <summary>Units of 48 kHz by the upper five bits: SILK 10–60 ms, hybrid 10–20 ms, CELT 2.5–20 ms.</summary>
    private static int FrameDuration(byte tableOfContents)
    {
        var configuration = tableOfContents >> 3;
        var step = configuration & 3;
        if (configuration < 12) return step == 3 ? 2_880 : 480 << step;
        return configuration < 16 ? 480 << (step & 1) : 120 << step;
    }
}
