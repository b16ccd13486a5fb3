using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;

namespace Broadcast.EndToEnd.Tests.Network;

/// <summary>Changes the paths an answer offers.</summary>
public static partial class Candidates
{
    /// <summary>Leaves only the candidates of ICE-TCP (RFC 6544).</summary>
    public static string OnlyTcp(string answer) => Udp().Replace(answer, "");

    /// <summary>The first UDP candidate.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public static IPEndPoint FirstUdp(string answer) => Udp().Match(answer) is { Success: true, Groups: var groups }
        ? new IPEndPoint(IPAddress.Parse(groups["address"].Value), int.Parse(groups["port"].Value, CultureInfo.InvariantCulture))
        : throw new InvalidOperationException($"There is no UDP candidate in\n{answer}");

    /// <summary>Leaves one candidate, the first for UDP, with another port of 127.0.0.1.</summary>
    public static string OnlyUdpAt(string answer, int port)
    {
        var first = Udp().Match(answer);
        var moved = $"{first.Groups["before"].Value}{IPAddress.Loopback} {port}{first.Groups["after"].Value}";
        return Udp().Replace(Tcp().Replace(answer, ""), match => match.Value == first.Value ? moved : "");
    }

    [GeneratedRegex(@"(?<before>a=candidate:\S+ \d+ udp \d+ )(?<address>\S+) (?<port>\d+)(?<after> .*\r\n)", RegexOptions.IgnoreCase)]
    private static partial Regex Udp();

    [GeneratedRegex(@"a=candidate:\S+ \d+ tcp .*\r\n", RegexOptions.IgnoreCase)]
    private static partial Regex Tcp();
}
