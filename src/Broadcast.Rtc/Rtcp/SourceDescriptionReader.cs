using System.Buffers.Binary;

namespace Broadcast.Rtc.Rtcp;

/// <summary>Walks the chunks of an SDES packet (RFC 3550 §6.5); of their items only CNAME is read.</summary>
public ref struct SourceDescriptionReader
{
    private const byte EndItem = 0;
    private const byte CnameItem = 1;

    private ReadOnlySpan<byte> _rest;
    private int _chunks;

    /// <summary>Starts at the first chunk; a packet of another kind has none.</summary>
    public SourceDescriptionReader(scoped in RtcpPacketView packet)
    {
        if (packet.Kind != RtcpPacketKind.SourceDescription) return;
        _rest = packet.Body;
        _chunks = packet.CountOrFormat;
    }

    /// <summary>Reads the next chunk. Ends at the first malformed one.</summary>
    /// <param name="ssrc">The source described.</param>
    /// <param name="cname">UTF-8, 0 to 255 bytes; empty when the chunk has no CNAME.</param>
    public bool TryRead(out uint ssrc, out ReadOnlySpan<byte> cname)
    {
        ssrc = 0;
        cname = default;
        if (_chunks == 0 || _rest.Length < 4) return false;

        ssrc = BinaryPrimitives.ReadUInt32BigEndian(_rest);
        var position = 4;
        while (position < _rest.Length && _rest[position] != EndItem)
        {
            if (position + 2 > _rest.Length) return Stop(out cname);
            var end = position + 2 + _rest[position + 1];
            if (end > _rest.Length) return Stop(out cname);
            if (_rest[position] == CnameItem) cname = _rest[(position + 2)..end];
            position = end;
        }

        // The list ends with a zero item, then zeros up to the next word. Some senders leave them out at the very end.
        _rest = _rest[Math.Min((position | 3) + 1, _rest.Length)..];
        _chunks--;
        return true;
    }

    private bool Stop(out ReadOnlySpan<byte> cname)
    {
        cname = default;
        _chunks = 0;
        return false;
    }
}
