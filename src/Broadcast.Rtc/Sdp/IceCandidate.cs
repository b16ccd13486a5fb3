using System.Diagnostics.CodeAnalysis;

namespace Broadcast.Rtc.Sdp;

/// <summary>One a=candidate line (RFC 8839 §5.1, RFC 6544 §4.5).</summary>
/// <param name="Foundation">Equal for candidates of the same kind, base and server.</param>
/// <param name="Component">1; RTCP is multiplexed.</param>
/// <param name="Transport">"udp" or "tcp", lower case.</param>
/// <param name="Priority">1 to 2^31 − 1; higher is preferred.</param>
/// <param name="Address">An IP address, or an mDNS name, which is never resolved here.</param>
/// <param name="Port">For TCP active candidates 9.</param>
/// <param name="Type">"host", "srflx", "prflx" or "relay".</param>
/// <param name="TcpType">"active", "passive" or "so"; empty for UDP.</param>
public sealed record IceCandidate(
    string Foundation,
    int Component,
    string Transport,
    uint Priority,
    string Address,
    ushort Port,
    string Type,
    string TcpType)
{
    private const string Prefix = "candidate:";

    /// <summary>Reads the text of a candidate, with or without "candidate:" or "a=candidate:" in front.</summary>
    /// <returns>False when a required field is missing or out of range.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out IceCandidate? candidate)
    {
        candidate = null;
        if (text.StartsWith("a=")) text = text[2..];
        if (text.StartsWith(Prefix)) text = text[Prefix.Length..];

        var foundation = SdpText.NextToken(ref text);
        if (foundation.IsEmpty || foundation.Length > 32) return false;
        if (!SdpText.TryParse(SdpText.NextToken(ref text), out ushort component) || component is 0 or > 256) return false;
        var transport = SdpText.NextToken(ref text);
        if (!SdpText.TryParse(SdpText.NextToken(ref text), out uint priority)) return false;
        var address = SdpText.NextToken(ref text);
        if (!SdpText.TryParse(SdpText.NextToken(ref text), out ushort port)) return false;
        if (!SdpText.NextToken(ref text).SequenceEqual("typ")) return false;
        var type = SdpText.NextToken(ref text);
        if (type.IsEmpty) return false;

        var tcpType = "";
        for (var key = SdpText.NextToken(ref text); !key.IsEmpty; key = SdpText.NextToken(ref text))
        {
            var value = SdpText.NextToken(ref text);
            if (key.SequenceEqual("tcptype")) tcpType = value.ToString();
        }

        candidate = new IceCandidate(
            foundation.ToString(), component, transport.ToString().ToLowerInvariant(), priority, address.ToString(), port, type.ToString(), tcpType);
        return true;
    }

    /// <summary>The text behind "a=": "candidate:1 1 udp 2130706431 192.0.2.1 8181 typ host".</summary>
    public override string ToString() =>
        TcpType.Length == 0
            ? string.Create(null, $"{Prefix}{Foundation} {Component} {Transport} {Priority} {Address} {Port} typ {Type}")
            : string.Create(null, $"{Prefix}{Foundation} {Component} {Transport} {Priority} {Address} {Port} typ {Type} tcptype {TcpType}");
}
