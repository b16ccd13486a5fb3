namespace Broadcast.Rtc.Payloads;

/// <summary>An OBU, or a fragment of one, inside an AV1 RTP payload.</summary>
public readonly ref struct Av1Obu
{
    internal Av1Obu(int type, ReadOnlySpan<byte> element, ReadOnlySpan<byte> body, bool isStart, bool isEnd)
    {
        Type = type;
        Element = element;
        Body = body;
        IsStart = isStart;
        IsEnd = isEnd;
    }

    /// <summary>obu_type, 0 to 15; 0 for a continued fragment, whose type is in an earlier packet.</summary>
    public int Type { get; }

    /// <summary>The whole element with its OBU header.</summary>
    public ReadOnlySpan<byte> Element { get; }

    /// <summary>What follows header, extension and size field.</summary>
    public ReadOnlySpan<byte> Body { get; }

    /// <summary>The OBU begins in this packet.</summary>
    public bool IsStart { get; }

    /// <summary>The OBU ends in this packet.</summary>
    public bool IsEnd { get; }
}

/// <summary>Walks the OBU elements of an AV1 RTP payload (AV1 RTP specification §4.4–4.5).</summary>
public ref struct Av1ObuReader
{
    private readonly ReadOnlySpan<byte> _payload;
    private readonly Av1AggregationHeader _header;
    private int _position;
    private int _index;

    /// <summary>Starts at the first element.</summary>
    public Av1ObuReader(ReadOnlySpan<byte> payload)
    {
        _payload = payload;
        Reason = Av1AggregationHeader.TryParse(payload, out _header);
        _position = Reason == DropReason.None ? 1 : payload.Length;
        if (Reason == DropReason.None && payload.Length == 1) Reason = DropReason.PayloadTruncated;
    }

    /// <summary>Why the walk ended early; <see cref="DropReason.None"/> while all is well.</summary>
    public DropReason Reason { get; private set; }

    /// <summary>Reads the next element; false at the end or where the payload is malformed.</summary>
    public bool TryRead(out Av1Obu obu)
    {
        obu = default;
        if (_position >= _payload.Length) return false;

        // :: Step 1: how long the element is
        _index++;
        var length = _payload.Length - _position;
        if (_header.ElementCount == 0 || _index < _header.ElementCount)
        {
            if (!Leb128.TryRead(_payload, ref _position, out var announced)) return Fail(DropReason.PayloadMalformed);
            if (announced > _payload.Length - _position) return Fail(DropReason.PayloadTruncated);
            length = (int)announced;
        }

        var element = _payload.Slice(_position, length);
        _position += length;

        // :: Step 2: whether all of it is here
        var isStart = _index > 1 || !_header.ContinuesObu;
        var isLast = _position == _payload.Length;
        var isEnd = !isLast || !_header.LastObuContinues;
        if (!isStart)
        {
            obu = new Av1Obu(0, element, element, false, isEnd);
            return true;
        }

        // :: Step 3: the OBU header (AV1 §5.3.2): forbidden(1) type(4) extension(1) has size(1) reserved(1)
        if (element.IsEmpty) return Fail(DropReason.PayloadMalformed);
        var first = element[0];
        var bodyStart = (first & 0x04) != 0 ? 2 : 1;
        if (bodyStart > element.Length) return Fail(DropReason.PayloadTruncated);

        var body = element[bodyStart..];
        if ((first & 0x02) != 0)
        {
            var sizePosition = 0;
            if (!Leb128.TryRead(body, ref sizePosition, out var size)) return Fail(DropReason.PayloadMalformed);
            body = body[sizePosition..];
            if (size < body.Length) body = body[..(int)size];
        }

        obu = new Av1Obu((first >> 3) & 0x0F, element, body, true, isEnd);
        return true;
    }

    private bool Fail(DropReason reason)
    {
        Reason = reason;
        _position = _payload.Length;
        return false;
    }
}
