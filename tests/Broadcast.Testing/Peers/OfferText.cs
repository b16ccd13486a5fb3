using System.Globalization;
using System.Text.RegularExpressions;
using Broadcast.Rtc.Sdp;

namespace Broadcast.Testing.Peers;

/// <summary>The captured offers of tests/captures/sdp, made the offers of a test's peer.</summary>
public static partial class OfferText
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "captures", "sdp");

    /// <summary>Reads a captured offer with the line ends of the wire.</summary>
    public static string Read(string name) => File.ReadAllText(Path.Combine(Folder, name + ".sdp")).ReplaceLineEndings("\r\n");

    /// <summary>Puts in a peer's own credentials and fingerprint.</summary>
    public static string WithTransport(string offer, IceCredentials ice, string fingerprint)
    {
        offer = UsernameLine().Replace(offer, "a=ice-ufrag:" + ice.UsernameFragment + "\r\n");
        offer = PasswordLine().Replace(offer, "a=ice-pwd:" + ice.Password + "\r\n");
        return FingerprintLine().Replace(offer, "a=fingerprint:sha-256 " + fingerprint + "\r\n");
    }

    /// <summary>Takes retransmission out: payload types that are not described are not offered.</summary>
    public static string WithoutRtx(string offer) => SsrcGroupLine().Replace(RtxLines().Replace(offer, ""), "");

    /// <summary>Takes out what matches: one or more header extensions or feedback types.</summary>
    public static string Without(string offer, string part) =>
        string.Join("\r\n", offer.Split("\r\n").Where(line => !line.Contains(part, StringComparison.Ordinal)));

    /// <summary>Offers VP8 where OBS offers H.264.</summary>
    public static string AsVp8(string obsOffer) =>
        Without(obsOffer, "a=fmtp:96 ").Replace("H264/90000", "VP8/90000", StringComparison.Ordinal);

    /// <summary>Replaces the declared sources, so that one capture serves several publishers.</summary>
    public static string WithSources(string offer, Func<uint> next)
    {
        var map = new Dictionary<string, string>();
        foreach (Match match in SsrcNumber().Matches(offer))
        {
            if (!map.ContainsKey(match.Groups[1].Value)) map.Add(match.Groups[1].Value, next().ToString(CultureInfo.InvariantCulture));
        }

        foreach (var (from, to) in map) offer = offer.Replace(from, to, StringComparison.Ordinal);
        return offer;
    }

    [GeneratedRegex("a=ice-ufrag:[^\r]*\r\n")]
    private static partial Regex UsernameLine();

    [GeneratedRegex("a=ice-pwd:[^\r]*\r\n")]
    private static partial Regex PasswordLine();

    [GeneratedRegex("a=fingerprint:[^\r]*\r\n")]
    private static partial Regex FingerprintLine();

    [GeneratedRegex("a=(rtpmap:\\d+ rtx/90000|fmtp:\\d+ apt=\\d+)\r\n")]
    private static partial Regex RtxLines();

    [GeneratedRegex("a=ssrc-group:FID[^\r]*\r\n")]
    private static partial Regex SsrcGroupLine();

    [GeneratedRegex("a=ssrc:(\\d+) ")]
    private static partial Regex SsrcNumber();
}
