using Broadcast.Rtc;

namespace Broadcast.MediaNode.Tcp;

/// <summary>Counts connections per source: an IPv4 address, or an IPv6 /64, which is what one household gets.</summary>
internal sealed class SourceLimit(int limit)
{
    private readonly Dictionary<TransportAddress, int> _counts = [];

    /// <summary>Takes a place for the source.</summary>
    /// <returns>False when it has all its places already.</returns>
    public bool TryEnter(in TransportAddress remote)
    {
        var source = SourceOf(remote);
        var count = _counts.GetValueOrDefault(source);
        if (count >= limit) return false;
        _counts[source] = count + 1;
        return true;
    }

    /// <summary>Gives a place back.</summary>
    public void Leave(in TransportAddress remote)
    {
        var source = SourceOf(remote);
        var count = _counts.GetValueOrDefault(source);
        if (count > 1) _counts[source] = count - 1;
        else _counts.Remove(source);
    }

    private static TransportAddress SourceOf(in TransportAddress remote)
    {
        Span<byte> address = stackalloc byte[16];
        remote.CopyAddressTo(address);
        if (!remote.IsIPv4) address[8..].Clear();
        return new TransportAddress(address, 0);
    }
}
