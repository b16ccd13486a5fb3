namespace Broadcast.Rtc.Rtcp;

/// <summary>One decoded packet chunk: a run of one symbol, or up to 14 symbols of their own.</summary>
internal readonly struct PacketChunk
{
    private readonly ushort _bits;

    private PacketChunk(ushort bits, int count, int symbolBits)
    {
        _bits = bits;
        Count = count;
        SymbolBits = symbolBits;
    }

    /// <summary>Statuses the chunk stands for, cut to what the packet announced.</summary>
    public int Count { get; }

    /// <summary>0 for a run.</summary>
    private int SymbolBits { get; }

    /// <summary>True when all statuses are "not received" without looking at each.</summary>
    public bool IsLostRun => SymbolBits == 0 && this[0] == TransportFeedbackFormat.NotReceived;

    /// <summary>The symbol of a status.</summary>
    public int this[int index] => SymbolBits switch
    {
        0 => (_bits >> TransportFeedbackFormat.RunSymbolShift) & 3,
        1 => (_bits >> (TransportFeedbackFormat.OneBitSymbols - 1 - index)) & 1,
        _ => (_bits >> (2 * (TransportFeedbackFormat.TwoBitSymbols - 1 - index))) & 3,
    };

    public static PacketChunk Decode(ushort bits, int remaining)
    {
        if ((bits & TransportFeedbackFormat.VectorChunk) == 0)
        {
            return new PacketChunk(bits, Math.Min(bits & TransportFeedbackFormat.MaximumRunLength, remaining), 0);
        }

        return (bits & TransportFeedbackFormat.TwoBitVectorChunk) == TransportFeedbackFormat.TwoBitVectorChunk
            ? new PacketChunk(bits, Math.Min(TransportFeedbackFormat.TwoBitSymbols, remaining), 2)
            : new PacketChunk(bits, Math.Min(TransportFeedbackFormat.OneBitSymbols, remaining), 1);
    }

    /// <summary>Bytes of the deltas that belong to the chunk; false for an empty run or the reserved symbol.</summary>
    public bool TryDeltaBytes(out int bytes)
    {
        bytes = 0;
        if (Count == 0) return false;
        if (SymbolBits == 0)
        {
            // The size of a delta equals the number of its symbol.
            bytes = Count * this[0];
            return this[0] <= TransportFeedbackFormat.LargeDelta;
        }

        for (var i = 0; i < Count; i++)
        {
            var symbol = this[i];
            if (symbol > TransportFeedbackFormat.LargeDelta) return false;
            bytes += symbol;
        }

        return true;
    }
}
