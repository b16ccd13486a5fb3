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

    /// <summary>Puts the formats of a codec first on the video m-line: the server takes the publisher's first.</summary>
    /// <param name="offer">The offer.</param>
    /// <param name="codec">As in a=rtpmap.</param>
    /// <param name="parameters">A part of the a=fmtp that the format must have; empty for any.</param>
    public static string Preferring(string offer, string codec, string parameters = "")
    {
        var lines = offer.Split("\r\n");
        var formats = lines.Where(line => line.StartsWith("a=rtpmap:", StringComparison.Ordinal) && line.EndsWith($" {codec}/90000", StringComparison.Ordinal))
            .Select(line => line["a=rtpmap:".Length..].Split(' ')[0]);
        var chosen = formats.First(format => parameters.Length == 0
            || lines.Any(line => line.StartsWith($"a=fmtp:{format} ", StringComparison.Ordinal) && line.Contains(parameters, StringComparison.Ordinal)));
        for (var i = 0; i < lines.Length; i++)
        {
            if (!lines[i].StartsWith("m=video", StringComparison.Ordinal)) continue;
            var parts = lines[i].Split(' ');
            lines[i] = string.Join(' ', [.. parts[..3], chosen, .. parts[3..].Where(format => format != chosen)]);
        }

        return string.Join("\r\n", lines);
    }

    /// <summary>Offers the dependency descriptor for video, as Chrome does once AV1 with layers is asked for.</summary>
    public static string WithDependencyDescriptor(string offer)
    {
        const string Line = "a=extmap:12 https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension\r\n";
        if (offer.Contains(Line, StringComparison.Ordinal)) return offer;
        var video = offer.IndexOf("m=video", StringComparison.Ordinal);
        var extension = offer.IndexOf("a=extmap:", video, StringComparison.Ordinal);
        return offer.Insert(extension, Line);
    }

    /// <summary>Replaces the declared sources, so that one capture serves several publishers.</summary>
    /// <param name="offer">The offer.</param>
    /// <param name="random">Chooses them.</param>
    /// <param name="sources">The new ones, in the order in which the offer names the old ones.</param>
    public static string WithSources(string offer, Random random, out uint[] sources)
    {
        var map = new Dictionary<string, string>();
        var chosen = new List<uint>();
        foreach (Match match in SsrcNumber().Matches(offer))
        {
            if (map.ContainsKey(match.Groups[1].Value)) continue;
            chosen.Add((uint)random.Next(1_000_000_000, int.MaxValue));
            map.Add(match.Groups[1].Value, chosen[^1].ToString(CultureInfo.InvariantCulture));
        }

        sources = [.. chosen];
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
