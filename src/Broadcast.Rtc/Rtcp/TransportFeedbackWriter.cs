using System.Buffers.Binary;

namespace Broadcast.Rtc.Rtcp;

/// <summary>Encodes statuses as chunks and deltas; used by <see cref="TransportFeedbackBuilder"/>, which decides how many fit.</summary>
/// <remarks>Chunks are chosen greedily: a run where it is longer than what a vector could hold, else the vector that holds most.</remarks>
internal ref struct TransportFeedbackWriter
{
    private const int ChunksStart = RtcpFormat.HeaderLength + TransportFeedbackFormat.FixedBodyLength;

    private readonly Span<byte> _destination;
    private int _position;

    public TransportFeedbackWriter(Span<byte> destination)
    {
        _destination = destination;
        _position = ChunksStart;
    }

    /// <summary>How many symbols surely fit: at worst seven take a chunk and seven large deltas.</summary>
    public static int MaximumSymbols(int length)
    {
        const int BesideSymbols = ChunksStart + 2 + 3;
        const int WorstPerVector = 2 + (2 * TransportFeedbackFormat.TwoBitSymbols);
        return (length - BesideSymbols) / WorstPerVector * TransportFeedbackFormat.TwoBitSymbols;
    }

    /// <summary>Writes packets that did not arrive, fewer than 2^13.</summary>
    public void AddLostRun(int count)
    {
        if (count > 0) AddChunk(count);
    }

    /// <summary>Writes the chunks, then the deltas.</summary>
    public void Add(scoped ReadOnlySpan<byte> symbols, scoped ReadOnlySpan<short> deltas)
    {
        for (var rest = symbols; !rest.IsEmpty;)
        {
            rest = rest[AddNextChunk(rest)..];
        }

        for (var i = 0; i < symbols.Length; i++)
        {
            if (symbols[i] == TransportFeedbackFormat.SmallDelta)
            {
                _destination[_position++] = (byte)deltas[i];
            }
            else if (symbols[i] == TransportFeedbackFormat.LargeDelta)
            {
                BinaryPrimitives.WriteInt16BigEndian(_destination[_position..], deltas[i]);
                _position += 2;
            }
        }
    }

    /// <summary>Writes zeros to the end of the word, and the head.</summary>
    /// <returns>The packet's length.</returns>
    public int Finish(uint senderSsrc, uint mediaSsrc, ushort baseSequenceNumber, int statusCount, int referenceTime, byte feedbackCount)
    {
        while ((_position & 3) != 0) _destination[_position++] = 0;
        RtcpWriter.WriteFeedbackHead(
            _destination, RtcpFormat.TransportWideFormat, RtcpFormat.TransportLayerFeedback, _position, senderSsrc, mediaSsrc);
        BinaryPrimitives.WriteUInt16BigEndian(_destination[12..], baseSequenceNumber);
        BinaryPrimitives.WriteUInt16BigEndian(_destination[14..], (ushort)statusCount);
        BinaryPrimitives.WriteInt32BigEndian(_destination[16..], (referenceTime << 8) | feedbackCount);
        return _position;
    }

    /// <summary>Writes one chunk for the first symbols.</summary>
    /// <returns>How many symbols it covers.</returns>
    private int AddNextChunk(scoped ReadOnlySpan<byte> symbols)
    {
        var run = symbols.IndexOfAnyExcept(symbols[0]);
        if (run < 0) run = symbols.Length;
        run = Math.Min(run, TransportFeedbackFormat.MaximumRunLength);
        var inOneBit = Math.Min(symbols.Length, TransportFeedbackFormat.OneBitSymbols);
        var isOneBit = symbols[..inOneBit].IndexOf((byte)TransportFeedbackFormat.LargeDelta) < 0;
        var inVector = isOneBit ? inOneBit : Math.Min(symbols.Length, TransportFeedbackFormat.TwoBitSymbols);

        if (run >= inVector)
        {
            AddChunk((symbols[0] << TransportFeedbackFormat.RunSymbolShift) | run);
            return run;
        }

        var symbolBits = isOneBit ? 1 : 2;
        var chunk = isOneBit ? TransportFeedbackFormat.VectorChunk : TransportFeedbackFormat.TwoBitVectorChunk;
        for (var i = 0; i < inVector; i++)
        {
            chunk |= symbols[i] << (TransportFeedbackFormat.OneBitSymbols - (symbolBits * (i + 1)));
        }

        AddChunk(chunk);
        return inVector;
    }

    private void AddChunk(int chunk)
    {
        BinaryPrimitives.WriteUInt16BigEndian(_destination[_position..], (ushort)chunk);
        _position += 2;
    }
}
