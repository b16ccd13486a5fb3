namespace Broadcast.Rtc.Payloads;

/// <summary>Finds and reads the sequence header OBU (AV1 §5.5), which opens every keyframe's temporal unit.</summary>
public static class Av1SequenceHeader
{
    private const int ObuType = 1;

    /// <summary>Looks for a sequence header that begins in this payload.</summary>
    /// <param name="payload">An AV1 RTP payload.</param>
    /// <param name="size">The largest frame of the sequence; unknown when the header is cut or malformed.</param>
    public static bool TryFind(ReadOnlySpan<byte> payload, out FrameSize size)
    {
        size = default;
        var reader = new Av1ObuReader(payload);
        while (reader.TryRead(out var obu))
        {
            if (!obu.IsStart || obu.Type != ObuType) continue;
            size = ReadSize(obu.Body);
            return true;
        }

        return false;
    }

    /// <summary>Reads max_frame_width and max_frame_height.</summary>
    /// <param name="body">The OBU after its header.</param>
    public static FrameSize ReadSize(ReadOnlySpan<byte> body)
    {
        var reader = new BitReader(body, emulationPrevention: false);
        reader.Skip(4); // profile, still picture
        if (reader.ReadFlag()) // reduced_still_picture_header
        {
            reader.Skip(5);
        }
        else
        {
            SkipOperatingPoints(ref reader);
        }

        var widthBits = (int)reader.Read(4) + 1;
        var heightBits = (int)reader.Read(4) + 1;
        var width = reader.Read(widthBits) + 1L;
        var height = reader.Read(heightBits) + 1L;
        return reader.IsExhausted ? default : FrameSize.From(width, height);
    }

    private static void SkipOperatingPoints(ref BitReader reader)
    {
        var hasDecoderModel = false;
        var bufferDelayBits = 0;
        if (reader.ReadFlag()) // timing_info_present_flag
        {
            reader.Skip(64);
            if (reader.ReadFlag()) reader.ReadExponentialGolomb();
            hasDecoderModel = reader.ReadFlag();
            if (hasDecoderModel)
            {
                bufferDelayBits = (int)reader.Read(5) + 1;
                reader.Skip(32 + 5 + 5);
            }
        }

        var hasDisplayDelay = reader.ReadFlag();
        for (var left = reader.Read(5) + 1; left > 0 && !reader.IsExhausted; left--)
        {
            reader.Skip(12);
            if (reader.Read(5) > 7) reader.Skip(1); // tier, of levels above 3.3
            if (hasDecoderModel && reader.ReadFlag()) reader.Skip((2 * bufferDelayBits) + 1);
            if (hasDisplayDelay && reader.ReadFlag()) reader.Skip(4);
        }
    }
}
