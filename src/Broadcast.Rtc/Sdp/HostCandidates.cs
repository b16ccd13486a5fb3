namespace Broadcast.Rtc.Sdp;

/// <summary>The candidates of a lite server: one UDP and one TCP passive host candidate per address (RFC 8445 §5.1.1, RFC 6544 §4.1).</summary>
public static class HostCandidates
{
    // RFC 8445 §5.1.2.1: priority = 2^24 × type preference + 2^8 × local preference + (256 − component).
    private const uint UdpHostPreference = 126;

    // Every TCP candidate must rank below every UDP one, or Chrome settles on TCP.
    private const uint TcpHostPreference = 90;

    // RFC 6544 §4.2: passive host candidates have direction preference 4.
    private const uint TcpPassivePreference = 4 << 13;

    /// <summary>Makes the list for an answer: all UDP candidates, then all TCP ones, each in the given order.</summary>
    /// <param name="addresses">
    /// Where peers can reach the node, public addresses first; port included. Unspecified and IPv6 link-local addresses are
    /// left out, and so is what appears twice.
    /// </param>
    /// <param name="withTcp">Add TCP passive candidates on the same ports.</param>
    /// <returns>Texts as <see cref="IceCandidate.ToString"/> writes them.</returns>
    public static IReadOnlyList<string> For(IReadOnlyList<TransportAddress> addresses, bool withTcp = true)
    {
        ArgumentNullException.ThrowIfNull(addresses);
        var usable = new List<TransportAddress>();
        foreach (var address in addresses)
        {
            if (IsUsable(address) && !usable.Contains(address)) usable.Add(address);
        }

        var candidates = new List<string>();
        for (var i = 0; i < usable.Count; i++) candidates.Add(Candidate(usable[i], i + 1, "udp", UdpHostPreference, (uint)(65535 - i), ""));
        for (var i = 0; withTcp && i < usable.Count; i++)
            candidates.Add(Candidate(usable[i], usable.Count + i + 1, "tcp", TcpHostPreference, TcpPassivePreference + (uint)(8191 - i), "passive"));
        return candidates;
    }

    private static string Candidate(in TransportAddress address, int foundation, string transport, uint typePreference, uint localPreference, string tcpType)
    {
        var priority = (typePreference << 24) | (localPreference << 8) | 255;
        var endPoint = address.ToEndPoint();
        if (!address.IsIPv4) endPoint.Address.ScopeId = 0;
        return new IceCandidate(
            foundation.ToString(System.Globalization.CultureInfo.InvariantCulture), 1, transport, priority, endPoint.Address.ToString(), address.Port, "host", tcpType).ToString();
    }

    private static bool IsUsable(in TransportAddress address)
    {
        if (address.Port == 0) return false;
        if (address.IsIPv4) return address.IPv4 != 0;
        var ip = address.ToEndPoint().Address;
        return !ip.IsIPv6LinkLocal && !ip.Equals(System.Net.IPAddress.IPv6Any);
    }
}
