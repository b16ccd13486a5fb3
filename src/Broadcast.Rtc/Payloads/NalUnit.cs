namespace Broadcast.Rtc.Payloads;

/// <summary>A NAL unit, or a fragment of one, inside an RTP payload.</summary>
public readonly ref struct NalUnit
{
    internal NalUnit(int type, ushort header, ReadOnlySpan<byte> body, bool isStart, bool isEnd)
    {
        Type = type;
        Header = header;
        Body = body;
        IsStart = isStart;
        IsEnd = isEnd;
    }

    /// <summary>nal_unit_type: 5 bits of H.264, 6 bits of H.265.</summary>
    public int Type { get; }

    /// <summary>The unit's own header, also of a fragment: one byte of H.264, two of H.265.</summary>
    public ushort Header { get; }

    /// <summary>What follows the header, with emulation prevention; of a fragment its part.</summary>
    public ReadOnlySpan<byte> Body { get; }

    /// <summary>The unit begins here (always, except in later fragments).</summary>
    public bool IsStart { get; }

    /// <summary>The unit ends here (always, except in earlier fragments).</summary>
    public bool IsEnd { get; }
}
